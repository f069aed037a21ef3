package core

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// issuer is a valid Config, ready to judge. It does not change.
type issuer struct {
	Config
	keys       keyset.Source
	proofs     *proof.Rules // nil: DPoP is not in force
	algorithms []jws.Algorithm
	paths      *paths

	introspector *introspector // nil: it hands out JWTs alone
}

func newIssuer(config Config) (*issuer, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	keys, err := config.Keys.open(config)
	if err != nil {
		return nil, err
	}
	if config.Profile != "" {
		config.Types = config.Profile.types()
	}
	if config.Profile == ProfileLogoutToken {
		config.MaxAge = min(cmp.Or(config.MaxAge, logoutAge), logoutAge)
		config.TokenCache = 0 // it is sent once
	}
	iss := &issuer{Config: config, keys: keys, proofs: config.DPoP.rules(config.Leeway), introspector: newIntrospector(config)}
	for _, a := range config.Algorithms {
		iss.algorithms = append(iss.algorithms, jws.Algorithm(a))
	}
	iss.paths = &paths{roles: config.RolesAt, permissions: config.PermissionsAt}
	return iss, nil
}

// offerOf sums up what issuers take, nil for Bearer alone.
func offerOf(issuers []*issuer) *offer {
	var algorithms []string
	bearer := false
	for _, iss := range issuers {
		bearer = bearer || !iss.DPoP.Required
		for _, a := range iss.DPoP.Algorithms {
			if !slices.Contains(algorithms, string(a)) {
				algorithms = append(algorithms, string(a))
			}
		}
	}
	if len(algorithms) == 0 {
		return nil
	}
	return &offer{strings.Join(algorithms, " "), bearer}
}

// judge holds a token against everything but its signature, so that nothing
// that would be refused anyway can cost a fetch.
func (iss *issuer) judge(h jws.Header, p *payload, how presentation, now time.Time) *Refusal {
	p.paths = iss.paths
	if !slices.Contains(iss.algorithms, h.Algorithm) {
		return refuse(ReasonWrongAlgorithm, &wrongAlgorithm{h.Algorithm, iss.algorithms})
	}
	if refusal := iss.judgeType(h, p); refusal != nil {
		return refusal
	}
	if refusal := iss.judgeTime(p.Claims, now); refusal != nil {
		return refusal
	}
	if refusal := iss.judgeUse(p); refusal != nil {
		return refusal
	}
	if refusal := iss.judgeConfirmation(p.confirmation, how); refusal != nil {
		return refusal
	}
	return iss.judgeProfile(p)
}

// judgeTime leaves no instant at which a token is both expired and valid: exp
// equal to now is expired (RFC 7519 section 4.1.4).
func (iss *issuer) judgeTime(c *Claims, now time.Time) *Refusal {
	if c.Expiry.IsZero() && iss.Profile != ProfileLogoutToken { // as Ory Hydra's; MaxAge ends it
		return missing("exp")
	}
	return iss.judgeDates(c, now)
}

// judgeDates holds those dates against the clock that are there.
func (iss *issuer) judgeDates(c *Claims, now time.Time) *Refusal {
	date := func(reason Reason, claim string, got time.Time, want string, limit time.Time) *Refusal {
		return refuse(reason, &wrongDate{claim, got, want, limit, iss.Leeway})
	}
	switch {
	case !c.Expiry.IsZero() && !now.Before(c.Expiry.Add(iss.Leeway)):
		return date(ReasonExpired, "exp", c.Expiry, "after", now)
	case now.Before(c.NotBefore.Add(-iss.Leeway)):
		return date(ReasonNotYetValid, "nbf", c.NotBefore, "not after", now)
	case now.Before(c.IssuedAt.Add(-iss.Leeway)):
		return date(ReasonIssuedInFuture, "iat", c.IssuedAt, "not after", now)
	case iss.MaxAge == 0:
		return nil
	case c.IssuedAt.IsZero():
		return missing("iat")
	case now.Sub(c.IssuedAt)-iss.Leeway > iss.MaxAge: // the sum of the two could overflow
		return date(ReasonTooOld, "iat", c.IssuedAt, "not before", now.Add(-iss.MaxAge))
	}
	return nil
}

// judgeUse asks whether the token is meant for this service.
func (iss *issuer) judgeUse(p *payload) *Refusal {
	if len(p.Audience) > 0 || len(iss.Audiences) > 0 { // Ory Hydra sends [] for none
		if refusal := iss.judgeAudience(p); refusal != nil {
			return refusal
		}
	}
	return iss.judgeClient(p)
}

// judgeAudience asks for one of Audiences. Without any this service has no name, so
// that each "aud" names another (RFC 7519 section 4.1.3).
func (iss *issuer) judgeAudience(p *payload) *Refusal {
	if !intersects(p.Audience, iss.Audiences) {
		return refuse(ReasonWrongAudience, &wrongAudience{p.Audience, iss.Audiences})
	}
	return nil
}

func (iss *issuer) judgeClient(p *payload) *Refusal {
	if len(iss.Clients) > 0 && !slices.Contains(iss.Clients, p.ClientID) {
		return refuse(ReasonWrongClient, &mismatch{"client_id, azp, cid or appid", p.ClientID, iss.Clients})
	}
	return nil
}

// judgeConfirmation asks whether a token of this binding may come as it came, before
// anybody has proved anything (RFC 9449 section 7.1, RFC 7800 section 3).
func (iss *issuer) judgeConfirmation(c confirmation, how presentation) *Refusal {
	if refusal := judgeBearer(c, how); refusal != nil {
		return refusal
	}
	switch {
	case c.jkt != "" && iss.proofs == nil:
		return refuseBinding(notShown, &mismatch{"cnf", "jkt", []string{"none: DPoP is not in force for this issuer"}})
	case c.jkt != "" && how.scheme != dpopScheme: // RFC 9449 section 7.2
		return refuseBinding(notShown, &mismatch{"scheme", "Bearer, or none", []string{"DPoP, with a proof"}})
	case c.jkt == "" && how.scheme == dpopScheme:
		return refuseBinding(notBound, &mismatch{"cnf", "no jkt", []string{"the key of the proof"}})
	case c.jkt == "" && iss.DPoP.Required:
		return refuseBinding(notBound, &mismatch{"cnf", "no jkt", []string{"a key: DPoP is required"}})
	}
	return nil
}

// judgeBearer refuses what no issuer could let pass: a token that is bound to what
// nobody can show.
func judgeBearer(c confirmation, how presentation) *Refusal {
	switch {
	case c.wrong != "":
		return refuseBinding(notShown, &mismatch{"cnf", c.wrong, []string{"jkt or x5t#S256, each the SHA-256 of a key or a certificate"}})
	case c.bound() && how.request == nil:
		return refuseBinding(notShown, &mismatch{"cnf", "a confirmation", []string{"none: Verify sees no request that could prove possession"}})
	}
	return nil
}

func missing(claim string) *Refusal {
	return refuse(ReasonMissingClaim, &mismatch{claim, "none", []string{"a value"}})
}

// conclude asks what only verified claims may be held against: the issuer's own
// requirements, then whether the token is revoked.
func (iss *issuer) conclude(ctx context.Context, c *Claims) *Refusal {
	if len(iss.RequireClaims) == 0 && iss.Revoked == nil {
		return nil
	}
	// An outer guard may have left another caller's claims in ctx, and what
	// reads them from there must not grant on those.
	ctx = withClaims(ctx, c)
	for _, req := range iss.RequireClaims {
		refusal := req.judge(ctx, c)
		if refusal != nil && refusal.Reason == ReasonForbidden {
			// Another token helps here, where Require would say that none does.
			return refuse(ReasonUnacceptableClaim, refusal.cause)
		}
		if refusal != nil {
			return refusal
		}
	}
	return iss.askRevoked(ctx, c)
}

func (iss *issuer) askRevoked(ctx context.Context, c *Claims) *Refusal {
	if iss.Revoked == nil {
		return nil
	}
	switch revoked, err := iss.Revoked(ctx, c); {
	case err != nil:
		return unavailable(ReasonRevocationUnavailable, 0, err)
	case revoked:
		return refuse(ReasonRevoked, &mismatch{"jti", c.ID, []string{"a token that is not revoked"}})
	}
	return nil
}
