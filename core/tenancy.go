package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

const (
	defaultTenants = 100
	maxProbation   = 16               // tenants kept none of whose tokens has verified
	maxLookups     = 8                // under way at a time
	maxFailures    = 1024             // remembered
	tenantTimeout  = 5 * time.Second  // of one lookup: the Config and the keys
	tenantPause    = 10 * time.Second // after a lookup that failed
)

// tenants is a valid Tenants and whom it has met. A nil one knows nobody.
type tenants struct {
	Tenants
	held      *lru.Cache[string, *issuer]        // by "iss"; a token of theirs has verified
	probation *lru.Cache[string, *issuer]        // by "iss"; anybody may have named them
	failures  *lru.Cache[string, *tenantFailure] // by "iss"
	lookups   singleflight.Group
	slots     chan struct{} // holds one for each lookup under way
}

func newTenants(t Tenants) *tenants {
	t = t.withDefaults()
	ts := &tenants{
		Tenants: t, held: newLRU[*issuer](t.Max, nil), failures: newLRU[*tenantFailure](maxFailures, nil),
		slots: make(chan struct{}, maxLookups),
	}
	ts.probation = newLRU(maxProbation, ts.displaced)
	return ts
}

// displaced keeps a tenant that left probation unproved from being looked up
// again at once: its cooldowns would start anew each time.
func (ts *tenants) displaced(name string, _ *issuer) {
	if !ts.held.Contains(name) {
		cause := errors.New("the tenant had to make room before one of its tokens verified")
		ts.failures.Add(name, &tenantFailure{ReasonKeysUnavailable, cause, time.Now().Add(tenantPause)})
	}
}

// newLRU returns a table by "iss". onEvict, if not nil, hears of what leaves it.
func newLRU[V any](size int, onEvict func(string, V)) *lru.Cache[string, V] {
	cache, err := lru.NewWithEvict(size, onEvict)
	if err != nil {
		panic(err) // a size below one, which validate refuses
	}
	return cache
}

// admits reports whether name may be a tenant.
func (ts *tenants) admits(name string) bool {
	return ts != nil && name != "" && ts.Allow(name)
}

// find returns the tenant that the token names, and looks it up if nobody has.
func (ts *tenants) find(ctx context.Context, t *attempt) (*issuer, *Refusal) {
	name := t.payload.Issuer
	iss, failure := ts.known(name, t.now)
	if iss != nil {
		return iss, nil
	}
	if refusal := judgeStranger(t); refusal != nil {
		return nil, refusal
	}
	if failure != nil {
		return nil, failure.refusal(t.now)
	}
	// Config may not heed its context; those who wait do.
	ctx, cancel := context.WithTimeout(ctx, tenantTimeout)
	defer cancel()
	select {
	case landed := <-ts.lookups.DoChan(name, func() (any, error) { return ts.lookUp(strings.Clone(name)) }):
		if failure, ok := errors.AsType[*tenantFailure](landed.Err); ok {
			return nil, failure.refusal(time.Now())
		}
		return landed.Val.(*issuer), nil
	case <-ctx.Done():
		return nil, unavailable(ReasonKeysUnavailable, 0, context.Cause(ctx))
	}
}

// known returns what an earlier lookup found, if it still holds. It does not
// count as a use: anybody can name a tenant.
func (ts *tenants) known(name string, now time.Time) (*issuer, *tenantFailure) {
	if iss, ok := ts.held.Peek(name); ok {
		return iss, nil
	}
	if iss, ok := ts.probation.Peek(name); ok {
		return iss, nil
	}
	if failure, ok := ts.failures.Peek(name); ok && now.Before(failure.until) {
		return nil, failure
	}
	return nil, nil
}

// judgeStranger refuses what no Config could make valid, so that it costs no
// lookup.
func judgeStranger(t *attempt) *Refusal {
	lenient := issuer{Config: Config{Leeway: maxLeeway}}
	if refusal := lenient.judgeTime(&t.payload, t.now); refusal != nil {
		return refusal
	}
	return judgeConfirmation(&t.payload)
}

// lookUp makes a tenant ready to judge tokens, or remembers why it cannot. It
// runs on its own context, since whoever waits for it may leave.
func (ts *tenants) lookUp(name string) (*issuer, error) {
	// An earlier lookup may have ended after the caller had looked.
	switch iss, failure := ts.known(name, time.Now()); {
	case iss != nil:
		return iss, nil
	case failure != nil:
		return nil, failure
	}
	select {
	case ts.slots <- struct{}{}:
		defer func() { <-ts.slots }()
	default:
		busy := fmt.Errorf("%d other tenants are being looked up", maxLookups)
		return nil, &tenantFailure{reason: ReasonKeysUnavailable, cause: busy}
	}
	ctx, cancel := context.WithTimeout(context.Background(), tenantTimeout)
	defer cancel()
	iss, failure := ts.open(ctx, name)
	if failure == nil {
		// Keys that cannot be had end the lookup too, so that the slots bound
		// every connection that an unproven name can cause.
		if err := iss.keys.Ready(ctx); err != nil {
			failure = &tenantFailure{reason: ReasonKeysUnavailable, cause: err}
		}
	}
	if failure != nil {
		failure.until = time.Now().Add(tenantPause)
		ts.failures.Add(name, failure)
		return nil, failure
	}
	ts.probation.Add(name, iss)
	return iss, nil
}

// open asks Config. A panic there is not the waiting requests' and must not end
// the process.
func (ts *tenants) open(ctx context.Context, name string) (iss *issuer, failure *tenantFailure) {
	defer func() {
		if p := recover(); p != nil {
			err := fmt.Errorf("panic in Tenants.Config: %s", quote(fmt.Sprint(p)))
			iss, failure = nil, &tenantFailure{reason: ReasonKeysUnavailable, cause: err}
			stack := string(debug.Stack())
			defer func() { _ = recover() }() // a Logger may panic as well
			ts.Logger.ErrorContext(ctx, "tenant lookup panicked", slog.String("issuer", quote(name)),
				slog.String("error", err.Error()), slog.String("stack", stack))
		}
	}()
	config, err := ts.Config(ctx, name)
	switch {
	case errors.Is(err, ErrUnknownTenant):
		return nil, &tenantFailure{reason: ReasonWrongIssuer, cause: err}
	case err != nil:
		return nil, &tenantFailure{reason: ReasonKeysUnavailable, cause: fmt.Errorf("Tenants.Config: %w", err)}
	case config.Issuer != name:
		mistake := fmt.Errorf("Tenants.Config: got a Config of issuer %s, want one of %s", quote(config.Issuer), quote(name))
		return nil, &tenantFailure{reason: ReasonMisconfigured, cause: mistake}
	}
	config.tenants, config.TokenCache = ts, ts.TokenCache
	config.Logger, config.Trace = cmp.Or(config.Logger, ts.Logger), cmp.Or(config.Trace, ts.Trace)
	if iss, err = newIssuer(config); err != nil {
		return nil, &tenantFailure{reason: ReasonMisconfigured, cause: fmt.Errorf("Tenants.Config of %s: %w", quote(name), err)}
	}
	return iss, nil
}

// proved takes note of a token of iss that verified: that alone gives a tenant
// a place which another has to leave, and makes it recently used.
func (ts *tenants) proved(iss *issuer) {
	if iss.tenants == nil {
		return
	}
	if _, held := ts.held.Get(iss.Issuer); !held {
		ts.held.Add(iss.Issuer, iss)
		ts.probation.Remove(iss.Issuer)
	}
}

// keeps reports whether a remembered token's issuer is still who answers for
// its name.
func (ts *tenants) keeps(iss *issuer) bool {
	if iss.tenants == nil {
		return true
	}
	held, _ := ts.held.Get(iss.Issuer)
	return held == iss && ts.Allow(iss.Issuer)
}

// all returns the tenants that are kept, by name.
func (ts *tenants) all() []*issuer {
	if ts == nil {
		return nil
	}
	return slices.SortedFunc(slices.Values(ts.held.Values()), func(a, b *issuer) int { return cmp.Compare(a.Issuer, b.Issuer) })
}

// tenantFailure is why a tenant could not be looked up. It does not change once
// it is shared.
type tenantFailure struct {
	reason Reason
	cause  error
	until  time.Time // nobody asks again before; zero if it was not remembered
}

func (f *tenantFailure) Error() string { return f.cause.Error() }

func (f *tenantFailure) refusal(now time.Time) *Refusal {
	if f.reason == ReasonKeysUnavailable {
		return unavailable(f.reason, f.until.Sub(now), f.cause)
	}
	return refuse(f.reason, f.cause)
}
