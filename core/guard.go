package core

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jwtmw/jwtmw/core/internal/keyset"
	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// Guard decides requests: it finds the token, has it verified, and words the
// refusal. It is a plain value and safe for concurrent use; the zero Guard
// refuses every request with status 500, and says so to slog's default.
//
// A request is decided once, when it begins. What may stay open for long, such
// as a WebSocket, server-sent events or a gRPC stream, goes on after the token
// has expired, unless its handler ends it:
//
//	ctx, cancel := context.WithDeadline(r.Context(), claims.Expiry)
type Guard struct {
	// Verifier decides about tokens. Required.
	Verifier *Verifier

	// Tokens says where a request may carry its token. A request with tokens
	// in two places is refused. Default: FromBearer() alone.
	Tokens []TokenSource

	// Optional lets a request without a token pass, without claims. A bad
	// token never passes. Default: false.
	Optional bool

	// Realm is named in every challenge (RFC 9110 section 11.5). Default: none.
	Realm string

	// ResourceMetadata is the URL of this service's metadata document, named
	// in every challenge so that clients discover the authorization server
	// (RFC 9728 section 5.1). Default: none.
	ResourceMetadata string
}

// MustGuard returns the Guard of one or more trusted issuers with every default.
// It panics on a bad Config, at start-up, with New's error.
func MustGuard(configs ...Config) Guard {
	v, err := New(configs...)
	if err != nil {
		panic(err)
	}
	return Guard{Verifier: v}
}

// Validate returns every mistake in g at once: a Verifier that New did not
// make, a TokenSource that can find nothing or stands there twice, a Realm that
// no header can carry, a ResourceMetadata that is no URL. The Guard of every
// adapter panics with its error, at start-up.
func (g Guard) Validate() error {
	var found mistakes
	if !g.Verifier.made() {
		found.add("jwtmw: Guard.Verifier is not set, want one made by New")
	}
	places := make(map[string]bool, len(g.Tokens))
	for _, source := range g.Tokens {
		if source == nil {
			found.add("jwtmw: Guard.Tokens holds a nil TokenSource")
			continue
		}
		place, err := source.validate()
		if err != nil {
			found.add("jwtmw: Guard.Tokens: %w", err)
		} else if places[place] {
			found.add("jwtmw: Guard.Tokens holds two sources of the %s, want one", place)
		}
		places[place] = true
	}
	if strings.ContainsFunc(g.Realm, func(r rune) bool { return r < ' ' || r > '~' }) {
		found.add("jwtmw: Guard.Realm is %q, want printable ASCII (RFC 9110 section 5.6.4)", g.Realm)
	}
	if g.ResourceMetadata != "" {
		if err := keyset.CheckURL(g.ResourceMetadata, false); err != nil {
			found.add("jwtmw: Guard.ResourceMetadata: %w", err)
		}
	}
	return found.join()
}

// MustValidate returns g with Tokens of its own, which nobody else can change,
// and panics with Validate's error. It is for adapters, when a guard is mounted.
func (g Guard) MustValidate() Guard {
	if err := g.Validate(); err != nil {
		panic(err)
	}
	g.Tokens = slices.Clone(g.Tokens)
	return g
}

// Check decides a request. The context that it returns carries the claims, for
// FromContext, and how this guard answers, for Require. With an error, which is
// a *Refusal, it returns ctx as it was.
func (g Guard) Check(ctx context.Context, r Request) (context.Context, error) {
	if !g.Verifier.made() || r == nil {
		refusal := refuse(ReasonMisconfigured, errors.New("the Guard has no Verifier made by New, or was given no Request"))
		g.hearer().requestRefused(ctx, refusal)
		return ctx, refusal
	}
	who := identity{wording: wording{realm: g.Realm, metadata: g.ResourceMetadata, offer: g.Verifier.offers()}, hearer: g.hearer()}
	found, refusal := g.credential(r)
	who.wording.used = found.scheme
	switch {
	case refusal != nil:
		who.hearer.requestRefused(ctx, refusal.by(who.wording))
		return ctx, refusal
	case found.token == "":
		return newContext(ctx, who), nil // so that an outer guard's claims are hidden
	}
	t := attempt{token: found.token, presentation: presentation{r, found.scheme}}
	if found.scheme == dpopScheme {
		t.claimed = g.usedBefore(ctx)
	}
	if who.hearer, refusal = g.Verifier.verify(ctx, &t, who.wording); refusal != nil {
		return ctx, refusal
	}
	who.claims = t.payload.Claims
	if who.claims.Bound == "jkt" {
		who.used = &usedProof{g.Verifier, t.proven.ID}
		who.owe(t.proven.Nonce)
	}
	return newContext(ctx, who), nil
}

// usedBefore is the proof that an earlier guard of the same Verifier has used up for
// the request of ctx, which must not count against it a second time.
func (g Guard) usedBefore(ctx context.Context) *proof.ID {
	if who, _ := identityOf(ctx); who.used != nil && who.used.by == g.Verifier {
		return &who.used.id
	}
	return nil
}

// hearer is who is told of what concerns no issuer.
func (g Guard) hearer() hearer {
	if !g.Verifier.made() {
		return hearer{}
	}
	return g.Verifier.hearer
}

// credential finds the request's only token. It is empty if there is none and none
// is needed.
func (g Guard) credential(r Request) (credential, *Refusal) {
	sources := g.Tokens
	if len(sources) == 0 {
		sources = []TokenSource{FromBearer()}
	}
	// Every source is asked, also after a token was found: which of two tokens
	// counts is for nobody to guess.
	var only credential
	for _, source := range sources {
		if source == nil {
			return only, refuse(ReasonMisconfigured, errors.New("Guard.Tokens holds a nil TokenSource"))
		}
		found, refusal := source.find(r, g.Verifier.takesDPoP())
		switch {
		case refusal != nil:
			return found, refusal
		case found.token != "" && only.token != "":
			return credential{scheme: bothSchemes}, refuse(ReasonMultipleTokens, errors.New("tokens in two of the configured places"))
		case found.token != "":
			only = found
		}
	}
	if only.token == "" && !g.Optional {
		return only, refuse(ReasonNoToken, nil)
	}
	return only, nil
}

// Require holds the claims that ctx carries against all of reqs; without any it
// asks no more than that somebody is there. The error is a *Refusal: 403
// insufficient_scope, 401 where a step-up would help (RFC 9470), 401 with a bare
// challenge if Optional let a request without a token pass, and 500 if no Check
// stands before it.
func Require(ctx context.Context, reqs ...Requirement) error {
	who, ok := identityOf(ctx)
	var refusal *Refusal
	switch {
	case !ok:
		refusal = refuse(ReasonMisconfigured, errors.New("Require found no claims: no guard stands before it on this route"))
	case who.claims == nil:
		refusal = refuse(ReasonNoToken, nil)
	default:
		refusal = judgeAll(ctx, reqs, who.claims)
	}
	if refusal == nil {
		return nil
	}
	who.hearer.requestRefused(ctx, refusal.by(who.wording))
	return refusal
}
