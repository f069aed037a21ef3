package keyset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"golang.org/x/sync/singleflight"
)

// fare says who pays for a flight.
type fare bool

const (
	free fare = false // the contract itself asks for it
	paid fare = true  // a token with an unknown kid does, from the bucket
)

var errBucketEmpty = errors.New("no token in the bucket")

// refresh returns when another state has taken the place of seen, by the flight under way or by a new one. The error is
// ErrUnknownKey where the bucket does not pay, and *UnavailableError where ctx ended first; the flight goes on for
// the others then.
func (r *remote) refresh(ctx context.Context, seen *state, fare fare) error {
	// The flight that is joined may be one that ended just before seen was read, or one that could not pay: then
	// seen still stands, and the next round starts another.
	for r.state.Load() == seen {
		if fare == paid && r.broke(seen) && r.state.Load() == seen {
			return ErrUnknownKey
		}
		select {
		case <-seen.superseded:
		case landed := <-r.takeOff(seen, fare):
			if fare == paid && landed.Err != nil {
				return ErrUnknownKey
			}
		case <-ctx.Done():
			return &UnavailableError{RetryAfter: time.Second, Err: context.Cause(ctx)}
		}
	}
	return nil
}

// broke says that the bucket is empty and that there is no flight to join. One that has published its state is none: to
// wait until it has tidied up would not fill the bucket. One that is due may have been called and not have begun. The
// bucket is looked at first, because a flight that has emptied it was flying before it did.
func (r *remote) broke(seen *state) bool {
	now := time.Now()
	return r.bucket.TokensAt(now) < 1 && (r.tidying.Load() || !r.flying.Load() && !seen.due(now))
}

// background starts a flight that nobody waits for.
func (r *remote) background(seen *state) {
	if !r.flying.Load() {
		r.takeOff(seen, free)
	}
}

// takeOff starts a flight, or joins the one under way. A flight that finds another state than seen has nothing to do:
// somebody else's came first. The bucket is asked within, so that joining costs nothing.
func (r *remote) takeOff(seen *state, fare fare) <-chan singleflight.Result {
	return r.flights.DoChan("", func() (any, error) {
		r.flying.Store(true)
		defer r.flying.Store(false)
		if r.state.Load() != seen {
			return nil, nil
		}
		if fare == paid && !r.bucket.Allow() {
			return nil, errBucketEmpty
		}
		r.fly(seen)
		return nil, nil
	})
}

// fly asks the issuer once and publishes what came of it. It runs on its own context: no caller's end is its own.
func (r *remote) fly(seen *state) {
	start := time.Now()
	next := r.attempt(seen)
	took := time.Since(start)
	r.state.Store(next)
	r.tidying.Store(true)
	defer r.tidying.Store(false)
	close(seen.superseded) // the callers need not wait for the log, the Hooks and the Store
	quietly(func() {
		r.reporter.reach(seen.phase(start).String())
		r.report(seen, next, took)
	})
	if next.fetches > seen.fetches && next.failures == 0 {
		quietly(func() { r.keep(next) })
	}
}

// quietly keeps a panic of the user's Logger from ending the process: nobody could recover it from a flight.
func quietly(f func()) {
	defer func() { _ = recover() }()
	f()
}

// attempt returns the state after seen. A panic in the user's Client or Store fails the attempt and nothing else.
func (r *remote) attempt(seen *state) (next *state) {
	flight := r.begun.Add(1)
	defer func() {
		if p := recover(); p != nil {
			err := fmt.Errorf("panic while fetching keys: %s", cut(fmt.Sprint(p)))
			next = seen.failedWith(err, flight, time.Now())
			stack := string(debug.Stack())
			quietly(func() {
				r.reporter.log.Error("key fetch panicked", slog.String("error", err.Error()), slog.String("stack", stack))
			})
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), r.options.Timeout)
	defer cancel()
	if seen.set == nil && r.options.Store != nil {
		if kept := r.restore(ctx, seen); kept != nil {
			if kept.phase(time.Now()).serves() {
				return kept
			}
			seen = kept
		}
	}
	content, maxAge, err := r.fetch(ctx, seen)
	if err != nil {
		return seen.failedWith(err, flight, time.Now())
	}
	return seen.succeeded(content, flight, time.Now(), maxAge, r.options.MaxStale)
}

// fetch reads the key set, after the metadata where there are any, and says how long it is fresh. Only the key set's
// own header decides that.
func (r *remote) fetch(ctx context.Context, seen *state) (content, time.Duration, error) {
	known := seen.content
	if seen.failures > 0 {
		// A server that stumbles over a conditional request must not do so for ever.
		known.located.page, known.page = page{}, page{}
	}
	located, err := r.origin.locate(ctx, r.getter, known.located)
	if err != nil {
		return content{}, 0, err
	}
	got, err := r.getter.get(ctx, located.jwksURI, acceptKeys, known.page)
	if err != nil {
		return content{}, 0, err
	}
	next := content{set: known.set, document: known.document, located: located, page: got.page}
	if !got.notModified && (next.set == nil || !bytes.Equal(got.body, next.document)) {
		next.document = got.body
		next.set, err = Parse(got.body, Limits{MaxBytes: r.options.MaxBytes, MaxKeys: r.options.MaxKeys})
		if err != nil {
			return content{}, 0, fmt.Errorf("answer of %q: %w", cut(located.jwksURI), err)
		}
	}
	return next, freshness(got.header, r.options.MaxAge), nil
}

// report tells what a flight that took so long made of seen, and logs nothing where all is as before.
func (r *remote) report(seen, next *state, took time.Duration) {
	var err error
	switch {
	case next.fetches == seen.fetches:
		r.reporter.log.Info("kept keys restored", slog.Int("keys", next.set.Len()), slog.Time("fetched", next.lastSuccess))
	case next.failures > 0:
		err = next.err
		if seen.failures == 0 || seen.err.Error() != err.Error() {
			r.reporter.log.Warn("key fetch failed", slog.String("error", err.Error()), slog.Int("failures", next.failures))
		}
	case seen.failures > 0:
		r.reporter.log.Info("key fetch recovered", slog.Int("failures", seen.failures))
	}
	if next.fetches > seen.fetches {
		r.reporter.fetched(took, err, next.set)
	}
	r.reporter.changed(seen.set, next.set)
	r.reporter.reach(next.phase(time.Now()).String())
}
