package core

import (
	"context"
	"slices"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// issuer is a valid Config, ready to judge. It does not change.
type issuer struct {
	Config
	keys       keyset.Source
	algorithms []jws.Algorithm
	paths      *paths
	profile    bool // RFC 9068 is in force
	accessOnly bool // ID tokens are told from access tokens by their shape
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
	iss := &issuer{Config: config, keys: keys}
	for _, a := range config.Algorithms {
		iss.algorithms = append(iss.algorithms, jws.Algorithm(a))
	}
	iss.paths = &paths{roles: config.RolesAt, permissions: config.PermissionsAt}
	access := func(typ string) bool { return sameMediaType(typ, "at+jwt") }
	iss.accessOnly = slices.ContainsFunc(config.Types, access)
	iss.profile = iss.accessOnly && !slices.ContainsFunc(config.Types, func(typ string) bool { return !access(typ) })
	return iss, nil
}

// judge holds a token against everything but its signature, so that nothing
// that would be refused anyway can cost a fetch.
func (iss *issuer) judge(t *attempt) *Refusal {
	t.payload.paths = iss.paths
	if !slices.Contains(iss.algorithms, t.header.Algorithm) {
		return refuse(ReasonWrongAlgorithm, &wrongAlgorithm{t.header.Algorithm, iss.algorithms})
	}
	if refusal := iss.judgeType(t); refusal != nil {
		return refusal
	}
	if refusal := iss.judgeTime(&t.payload, t.now); refusal != nil {
		return refusal
	}
	return iss.judgeUse(&t.payload)
}

// judgeType tells access tokens from what else the issuer signs (RFC 8725
// section 3.11).
func (iss *issuer) judgeType(t *attempt) *Refusal {
	typ := mediaType(t.header.Type)
	accepted := slices.ContainsFunc(iss.Types, func(want string) bool { return sameMediaType(typ, want) })
	if t.header.HasType && t.header.Type == "" || !accepted {
		return refuse(ReasonWrongType, &mismatch{"typ", t.header.Type, iss.Types})
	}
	if iss.accessOnly && t.payload.nonce && t.payload.hashed {
		return refuse(ReasonWrongType, &mismatch{"nonce", "an ID token: nonce beside at_hash or c_hash", []string{"an access token"}})
	}
	return nil
}

// judgeTime leaves no instant at which a token is both expired and valid: exp
// equal to now is expired (RFC 7519 section 4.1.4).
func (iss *issuer) judgeTime(p *payload, now time.Time) *Refusal {
	date := func(reason Reason, claim string, got time.Time, want string, limit time.Time) *Refusal {
		return refuse(reason, &wrongDate{claim, got, want, limit, iss.Leeway})
	}
	switch {
	case p.Expiry.IsZero():
		return missing("exp")
	case !now.Before(p.Expiry.Add(iss.Leeway)):
		return date(ReasonExpired, "exp", p.Expiry, "after", now)
	case now.Before(p.NotBefore.Add(-iss.Leeway)):
		return date(ReasonNotYetValid, "nbf", p.NotBefore, "not after", now)
	case now.Before(p.IssuedAt.Add(-iss.Leeway)):
		return date(ReasonIssuedInFuture, "iat", p.IssuedAt, "not after", now)
	case iss.MaxAge == 0:
		return nil
	case p.IssuedAt.IsZero():
		return missing("iat")
	case now.Sub(p.IssuedAt)-iss.Leeway > iss.MaxAge: // the sum of the two could overflow
		return date(ReasonTooOld, "iat", p.IssuedAt, "not before", now.Add(-iss.MaxAge))
	}
	return nil
}

// judgeUse asks whether the token is meant for this service, and for whoever
// bears it.
func (iss *issuer) judgeUse(p *payload) *Refusal {
	if len(iss.Audiences) > 0 && !slices.ContainsFunc(p.Audience, func(aud string) bool { return slices.Contains(iss.Audiences, aud) }) {
		return refuse(ReasonWrongAudience, &wrongAudience{p.Audience, iss.Audiences})
	}
	if len(iss.Clients) > 0 && !slices.Contains(iss.Clients, p.ClientID) {
		return refuse(ReasonWrongClient, &mismatch{"client_id, azp, cid or appid", p.ClientID, iss.Clients})
	}
	if refusal := judgeConfirmation(p); refusal != nil {
		return refusal
	}
	if !iss.profile {
		return nil
	}
	switch { // RFC 9068 section 2.2
	case p.Subject == "":
		return missing("sub")
	case p.clients[0] == "": // azp and its like do not stand in
		return missing("client_id")
	case p.IssuedAt.IsZero():
		return missing("iat")
	case p.ID == "":
		return missing("jti")
	}
	return nil
}

// judgeConfirmation refuses a token that is bound to a key (RFC 7800 section 3).
func judgeConfirmation(p *payload) *Refusal {
	if !p.confirmed {
		return nil
	}
	return refuse(ReasonSenderConstraint, &mismatch{"cnf", "a confirmation", []string{"none: nobody has proved possession of the key"}})
}

func missing(claim string) *Refusal {
	return refuse(ReasonMissingClaim, &mismatch{claim, "none", []string{"a value"}})
}

// conclude asks what only verified claims may be held against: the issuer's own
// requirements, then whether the token is revoked.
func (iss *issuer) conclude(ctx context.Context, c *Claims) *Refusal {
	for _, req := range iss.Require {
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
