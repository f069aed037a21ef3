package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	maxWaiting    = 1024             // tenants that wait for a lookup
	tenantTimeout = 5 * time.Second  // of one lookup, the Config and the keys; and of the wait for it
	tenantPause   = 10 * time.Second // after a lookup that failed
)

// find returns the tenant that the token names, and looks it up if nobody has.
func (ts *tenants) find(ctx context.Context, p *payload, how presentation, now time.Time) (*issuer, *Refusal) {
	name := p.Issuer
	iss, failure := ts.known(name, now)
	if iss != nil {
		return iss, nil
	}
	if refusal := judgeStranger(p, how, now); refusal != nil {
		return nil, refusal
	}
	if failure != nil {
		return nil, failure.refusal(now)
	}
	// The lookup is everybody's who waits for this tenant, and bounds itself;
	// each of them waits no longer than its own request.
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

// judgeStranger refuses what no Config could make valid, so that it costs no
// lookup.
func judgeStranger(p *payload, how presentation, now time.Time) *Refusal {
	lenient := issuer{Config: Config{Leeway: maxLeeway}}
	if refusal := lenient.judgeTime(p.Claims, now); refusal != nil {
		return refusal
	}
	return judgeBearer(p.confirmation, how)
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
	if err := ts.queue.enter(); err != nil {
		return nil, &tenantFailure{reason: ReasonKeysUnavailable, cause: err} // no fault of the tenant's: not remembered
	}
	epoch := ts.epoch()
	iss, failure := ts.ask(name)
	if failure != nil {
		failure.until = time.Now().Add(tenantPause)
		ts.failed(name, failure, epoch)
		return nil, failure
	}
	ts.found(iss, epoch)
	return iss, nil
}

// ask opens a tenant in the slot that the caller has entered. The slot is free
// again when all that was begun has ended, not when nobody waits for it any
// more: it bounds the connections that names alone can cause.
func (ts *tenants) ask(name string) (*issuer, *tenantFailure) {
	ctx, cancel := context.WithTimeout(context.Background(), tenantTimeout)
	defer cancel()
	type answer struct {
		iss     *issuer
		failure *tenantFailure
	}
	answers := make(chan answer, 1)
	go func() {
		defer ts.queue.leave()
		iss, failure := ts.open(ctx, name)
		if failure != nil {
			answers <- answer{nil, failure}
			return
		}
		if err := iss.keys.Ready(ctx); err != nil {
			answers <- answer{nil, &tenantFailure{reason: ReasonKeysUnavailable, cause: err}}
			_ = iss.keys.Ready(context.Background()) // the fetch has its own Fetch.Timeout, which may be longer
			return
		}
		answers <- answer{iss, nil}
	}()
	select {
	case a := <-answers:
		return a.iss, a.failure
	case <-ctx.Done(): // Tenants.Config does not heed it
		return nil, &tenantFailure{reason: ReasonKeysUnavailable, cause: fmt.Errorf("Tenants.Config: %w", ctx.Err())}
	}
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
	config.confined, config.hosts, config.TokenCache = true, ts.Hosts, ts.TokenCache
	config.Logger, config.Trace = cmp.Or(config.Logger, ts.Logger), cmp.Or(config.Trace, ts.Trace)
	if iss, err = newIssuer(config); err != nil {
		return nil, &tenantFailure{reason: ReasonMisconfigured, cause: fmt.Errorf("Tenants.Config of %s: %w", quote(name), err)}
	}
	return iss, nil
}

// queue lets so many lookups run at a time, and the others wait in the order
// in which they came.
type queue struct {
	slots   *semaphore.Weighted
	waiting atomic.Int64
}

// enter waits for a slot, and not for ever. Who entered must leave.
func (q *queue) enter() error {
	if q.slots.TryAcquire(1) { // which passes nobody who waits
		return nil
	}
	defer q.waiting.Add(-1)
	if q.waiting.Add(1) > maxWaiting {
		return fmt.Errorf("%d other tenants wait to be looked up", maxWaiting)
	}
	ctx, cancel := context.WithTimeout(context.Background(), tenantTimeout)
	defer cancel()
	if err := q.slots.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("the lookups of other tenants took longer than %v: %w", tenantTimeout, err)
	}
	return nil
}

func (q *queue) leave() { q.slots.Release(1) }

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
