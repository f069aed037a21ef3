package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// Verifier decides whether tokens of its issuers are valid. It is safe for
// concurrent use, holds no goroutine and needs no closing. Make it with New;
// the zero Verifier refuses everything.
type Verifier struct {
	issuers    map[string]*issuer // by "iss"; written once by New
	order      []*issuer          // as configured
	trusted    []string           // what the log says is wanted as "iss"
	algorithms []jws.Algorithm    // of any issuer
	hearer     hearer             // of what happens before an issuer is known
	headers    *headerMemory
	tokens     *tokenCache // nil: tokens are not remembered
	tenants    *tenants    // nil: the issuers are all there are
	offered    *offer      // by the fixed issuers
	opaque     *issuer     // which is asked about opaque tokens; nil: none is
	replays    replays
}

// New makes a Verifier of one or more trusted issuers. It does no I/O: keys
// are fetched when a first token needs them, or by Ready. Its error names
// every mistake of every Config at once.
func New(configs ...Config) (*Verifier, error) {
	if len(configs) == 0 {
		return nil, errors.New("jwtmw: no Config given, want one for each trusted issuer")
	}
	return newVerifier(nil, configs)
}

// NewTenants makes a Verifier that trusts tenants beside the fixed issuers of
// configs, of which there may be none. Where both know an issuer, the fixed
// Config holds. Like New it does no I/O, and its error names every mistake.
//
// Stats reports the tenants that are kept as well. Ready does not ask for them,
// so that a tenant whose keys cannot be had makes nobody else wait.
func NewTenants(t Tenants, configs ...Config) (*Verifier, error) {
	err := t.validate()
	v, configErr := newVerifier(t.Logger, configs)
	if err := errors.Join(err, configErr); err != nil {
		return nil, err
	}
	v.hearer.trace = cmp.Or(t.Trace.copied(), v.hearer.trace)
	t.Logger, t.Trace = v.hearer.logger, v.hearer.trace
	v.tenants = newTenants(t, v.order)
	v.trusted = append(v.trusted, "a tenant that Allow admits")
	v.algorithms = everyAlgorithm // which of them are pinned is known with the tenant
	v.tokens = newTokenCache(rememberedBy(configs) + t.TokenCache)
	return v, nil
}

// newVerifier makes the Verifier of fixed issuers. Without a logger it takes
// the first one's.
func newVerifier(logger *slog.Logger, configs []Config) (*Verifier, error) {
	v := &Verifier{issuers: make(map[string]*issuer, len(configs)), hearer: hearer{logger: logger}, headers: newHeaderMemory(), replays: replays{memory: proof.NewMemory()}}
	var errs []error
	seen, asked := make(map[string]bool, len(configs)), false
	for _, config := range configs {
		iss, err := newIssuer(config)
		// Two Configs of one issuer would have to be tried in turn, and the laxer one
		// would decide.
		if seen[config.Issuer] {
			err = errors.Join(err, errors.New("a second Config names this Issuer"))
		}
		seen[config.Issuer] = true
		if _, asks := config.Keys.(Introspection); asks {
			if asked {
				err = errors.Join(err, errors.New("a second Config has an Introspection: nothing in an opaque token says which issuer to ask"))
			}
			asked = true
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("jwtmw: Config of issuer %q: %w", config.Issuer, err))
			continue
		}
		v.issuers[iss.Issuer] = iss
		v.order = append(v.order, iss)
		for _, algorithm := range iss.algorithms {
			if !slices.Contains(v.algorithms, algorithm) {
				v.algorithms = append(v.algorithms, algorithm)
			}
		}
		if iss.introspector != nil {
			v.opaque = iss
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if len(v.order) > 0 {
		v.hearer.logger, v.hearer.trace = cmp.Or(v.hearer.logger, v.order[0].Logger), v.order[0].Trace
	}
	if v.hearer.logger == nil {
		v.hearer.logger = warnings()
	}
	v.trusted = slices.Sorted(maps.Keys(v.issuers))
	v.offered = offerOf(v.order)
	v.tokens = newTokenCache(rememberedBy(configs))
	return v, nil
}

// offers is what a challenge names: what the fixed issuers and the tenants that are
// kept have in force.
func (v *Verifier) offers() *offer {
	if v.tenants != nil {
		return v.tenants.offered.Load()
	}
	return v.offered
}

// takesDPoP reports whether a token may come by that scheme. Which tenants have it in
// force is known with their first token.
func (v *Verifier) takesDPoP() bool { return v.tenants != nil || v.offered != nil }

// made reports whether New or NewTenants made v.
func (v *Verifier) made() bool { return v != nil && v.hearer.logger != nil }

// hearerOf returns who is told of what concerns iss, which may be nil.
func (v *Verifier) hearerOf(iss *issuer) hearer {
	if iss == nil {
		return v.hearer
	}
	return hearer{iss.Logger, iss.Trace, iss.Issuer}
}

// Forget drops what is known of a tenant: its Config, its keys and its
// remembered tokens. The next token that names it has Tenants.Config asked
// anew. A fixed issuer stays as New made it.
func (v *Verifier) Forget(issuer string) {
	if !v.made() || v.tenants == nil || v.issuers[issuer] != nil {
		return
	}
	v.tenants.forget(issuer)
	v.tokens.forget(issuer)
}

// Verify decides about one token, a JWT in compact form or an opaque one, without
// "Bearer". It sees no request, so that a token which is bound to a key is refused,
// and so is any other where DPoP is Required. The error is a *Refusal and matches
// ErrInvalidToken or ErrKeysUnavailable, or neither for status 500, a failed
// Config.Revoked or Introspection, and a Config.RequireClaims that says otherwise.
// ctx bounds the wait for keys and for the issuer's answer.
func (v *Verifier) Verify(ctx context.Context, token string) (*Claims, error) {
	t := attempt{token: token}
	if _, refusal := v.verify(ctx, &t, wording{}); refusal != nil {
		return nil, refusal
	}
	return t.payload.Claims, nil
}

// verify decides about a token in the words of a guard, and tells of what it
// decided.
func (v *Verifier) verify(ctx context.Context, t *attempt, w wording) (hearer, *Refusal) {
	if !v.made() {
		return hearer{}, refuse(ReasonMisconfigured, errors.New("the Verifier was not made by New"))
	}
	t.now = time.Now()
	refusal := v.judge(ctx, t)
	hearer := v.hearerOf(t.issuer)
	if refusal != nil {
		hearer.tokenRefused(ctx, t, refusal.by(w))
		return hearer, refusal
	}
	hearer.trace.verified(ctx, hearer.issuer, t.payload.Claims)
	return hearer, nil
}

// judge is the path of one token. What costs least and refuses most comes
// first, and nothing is believed before the signature holds.
func (v *Verifier) judge(ctx context.Context, t *attempt) *Refusal {
	recalled, refusal := v.tokens.recall(ctx, t, v.tenants)
	if !recalled && refusal == nil {
		refusal = v.authenticate(ctx, t)
	}
	if refusal != nil {
		return refusal
	}
	if refusal := t.possess(); refusal != nil {
		return refusal
	}
	if refusal := t.issuer.conclude(ctx, t.payload.Claims); refusal != nil {
		return refusal
	}
	return v.replays.claim(ctx, t)
}
