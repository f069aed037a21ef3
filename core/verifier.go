package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// Verifier decides whether tokens of its issuers are valid. It is safe for
// concurrent use, holds no goroutine and needs no closing. Make it with New;
// the zero Verifier refuses everything.
type Verifier struct {
	issuers    map[string]*issuer // by "iss"; written once by New
	order      []*issuer          // as configured
	algorithms []jws.Algorithm    // of any issuer
	logger     *slog.Logger       // for what happens before an issuer is known
	trace      *Trace             // the same; nil: nobody is told
	headers    headerMemory
	tokens     *tokenCache // nil: tokens are not remembered
	tenants    *tenants    // nil: the issuers are all there are
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

// newVerifier makes the Verifier of fixed issuers. Without a logger it takes
// the first one's.
func newVerifier(logger *slog.Logger, configs []Config) (*Verifier, error) {
	v := &Verifier{issuers: make(map[string]*issuer, len(configs)), logger: logger}
	var errs []error
	seen := make(map[string]bool, len(configs))
	for _, config := range configs {
		iss, err := newIssuer(config)
		if seen[config.Issuer] {
			err = errors.Join(err, errors.New("a second Config names this Issuer"))
		}
		seen[config.Issuer] = true
		if err != nil {
			errs = append(errs, fmt.Errorf("jwtmw: Config of issuer %q: %w", config.Issuer, err))
			continue
		}
		v.issuers[iss.Issuer] = iss
		v.order = append(v.order, iss)
		v.algorithms = append(v.algorithms, iss.algorithms...)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if len(v.order) > 0 {
		v.logger, v.trace = cmp.Or(v.logger, v.order[0].Logger), v.order[0].Trace
	}
	if v.logger == nil {
		v.logger = slog.New(slog.DiscardHandler)
	}
	v.tokens = newTokenCache(rememberedBy(configs))
	return v, nil
}

func rememberedBy(configs []Config) (tokens int) {
	for _, config := range configs {
		tokens += config.TokenCache
	}
	return tokens
}

// Verify decides about one token in compact form, without "Bearer". The error
// is a *Refusal and matches ErrInvalidToken or ErrKeysUnavailable, or neither
// for status 500, a failed Config.Revoked, and a Config.Require that says
// otherwise. ctx bounds the wait for keys.
func (v *Verifier) Verify(ctx context.Context, token string) (*Claims, error) {
	claims, refusal := v.verify(ctx, token, Guard{})
	if refusal != nil {
		return nil, refusal
	}
	return claims, nil
}

// verify is Verify in the words of g, and tells of what it decided.
func (v *Verifier) verify(ctx context.Context, token string, g Guard) (*Claims, *Refusal) {
	if v == nil || v.logger == nil {
		return nil, refuse(ReasonMisconfigured, errors.New("the Verifier was not made by New"))
	}
	t := attempt{token: token, now: time.Now()}
	if refusal := v.judge(ctx, &t); refusal != nil {
		v.tokenRefused(ctx, &t, refusal.by(g))
		return nil, refusal
	}
	t.issuer.Trace.verified(ctx, t.issuer.Issuer, t.payload.Claims)
	return t.payload.Claims, nil
}

// attempt is what is known of a token so far.
type attempt struct {
	token   string
	now     time.Time
	header  jws.Header
	payload payload
	issuer  *issuer
	key     *jws.Key
}

// judge is the path of one token: what costs least and refuses most comes
// first, and nothing is believed before the signature holds.
func (v *Verifier) judge(ctx context.Context, t *attempt) *Refusal {
	if v.tokens.recall(ctx, t) {
		return t.issuer.conclude(ctx, t.payload.Claims)
	}
	compact, err := jws.Split(t.token)
	if err != nil {
		return refuseSyntax(err)
	}
	var recognised bool
	if t.header, recognised, err = v.headers.parse(compact.Header); err != nil {
		return refuseSyntax(err)
	}
	if !slices.Contains(v.algorithms, t.header.Algorithm) {
		return refuse(ReasonWrongAlgorithm, &wrongAlgorithm{t.header.Algorithm, v.algorithms})
	}
	scratch := scratches.Get().(*scratch)
	defer scratches.Put(scratch)
	signature, err := scratch.signature(compact.Signature)
	if err != nil {
		return refuseSyntax(err)
	}
	if len(signature) == 0 {
		return refuse(ReasonBadSignature, jws.ErrSignature) // before it could cost a fetch
	}
	text, err := scratch.text(compact.Payload)
	if err != nil {
		return refuseSyntax(err)
	}
	var refusal *Refusal
	if t.payload, refusal = readPayload(text); refusal != nil {
		return refusal
	}
	if t.issuer, refusal = v.issuerOf(ctx, t); refusal != nil {
		return refusal
	}
	if refusal = t.issuer.judge(t); refusal != nil {
		return refusal
	}
	var answered time.Time
	t.key, answered, err = t.issuer.keys.Key(ctx, t.header.KeyID, t.header.HasKeyID, t.header.Algorithm)
	if err != nil {
		return refuseKey(err)
	}
	// The wait, for a tenant or for keys, may have outlasted the token.
	if refusal = t.issuer.judgeTime(&t.payload, answered); refusal != nil {
		return refusal
	}
	if err := t.key.Verify(t.header.Algorithm, compact.Signed, signature); err != nil {
		return refuse(ReasonBadSignature, err)
	}
	t.payload.Header = Header{Algorithm(t.header.Algorithm), t.header.KeyID, t.header.Type}
	v.tenants.proved(t.issuer)
	if !recognised {
		v.headers.remember(compact.Header, t.header)
	}
	v.tokens.remember(t)
	return t.issuer.conclude(ctx, t.payload.Claims)
}

// issuerOf finds who answers for the token's "iss". Only a tenant that is not
// known yet costs anything.
func (v *Verifier) issuerOf(ctx context.Context, t *attempt) (*issuer, *Refusal) {
	name := t.payload.Issuer
	if iss := v.issuers[name]; iss != nil {
		return iss, nil
	}
	if v.tenants.admits(name) {
		return v.tenants.find(ctx, t)
	}
	return nil, refuse(ReasonWrongIssuer, &wrongIssuer{name, v})
}

// Ready loads the keys of every fixed issuer that holds none, for start-up and
// readiness probes. The error joins one for each issuer whose keys cannot be
// had and matches ErrKeysUnavailable. A Verifier need not be ready to be used.
func (v *Verifier) Ready(ctx context.Context) error {
	if v == nil || v.logger == nil {
		return refuse(ReasonMisconfigured, errors.New("the Verifier was not made by New"))
	}
	errs := make([]error, len(v.order))
	var all sync.WaitGroup
	for i, iss := range v.order {
		all.Go(func() {
			if err := iss.keys.Ready(ctx); err != nil {
				errs[i] = fmt.Errorf("jwtmw: issuer %q: %w: %w", iss.Issuer, refuseKey(err), err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
