package keyset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"
)

// fare says who pays for a flight.
type fare bool

const (
	free fare = false // nobody: the contract itself asks for it
	paid fare = true  // a token with an unknown kid, from the bucket
)

var errBucketEmpty = errors.New("no token in the bucket")

// refresh returns when another state has replaced seen, by the flight under way or by a new one. The error is
// errBucketEmpty if the bucket does not pay, and *UnavailableError if ctx ended first; the flight goes on for the others
// then.
func (r *remote) refresh(ctx context.Context, seen *state, fare fare) error {
	// One round is not always enough: the flight that a caller joins may be one that ended just before seen was read, or
	// one that could not pay. Then seen still stands, and the next round starts another flight.
	for r.state.Load() == seen {
		// A caller that is gone already must not start a fetch, and above all not pay for one.
		if ctx.Err() != nil {
			return interrupted(ctx)
		}
		// A flight finds that out as well, but it costs a goroutine, which is too much for each token of a flood.
		if fare == paid && time.Now().Before(*r.dryUntil.Load()) {
			return errBucketEmpty
		}
		select {
		case <-seen.superseded:
		case landed := <-r.takeOff(seen, fare):
			if fare == paid && landed.Err != nil {
				return errBucketEmpty
			}
		case <-ctx.Done():
			return interrupted(ctx)
		}
	}
	return nil
}

func interrupted(ctx context.Context) error {
	return &UnavailableError{RetryAfter: time.Second, Err: context.Cause(ctx)}
}

// background starts a flight that nobody waits for. It does nothing while one is under way: that saves the callers of the
// hot path a lock and an allocation each.
func (r *remote) background(seen *state) {
	if r.begun.Load() == seen.flight {
		r.takeOff(seen, free)
	}
}

// takeOff starts a flight, or joins the one under way.
func (r *remote) takeOff(seen *state, fare fare) <-chan singleflight.Result {
	return r.flights.DoChan("", func() (any, error) {
		// Another flight landed between the caller's decision and this one: that is what makes one fetch of a thousand
		// first requests.
		if r.state.Load() != seen {
			return nil, nil
		}
		// Asked here and not by the callers, so that joining costs nothing.
		if fare == paid && !r.pay() {
			return nil, errBucketEmpty
		}
		r.fly(seen, fare)
		return nil, nil
	})
}

// pay takes a token from the bucket, or notes how long the bucket will have none.
func (r *remote) pay() bool {
	now := time.Now()
	if r.bucket.AllowN(now, 1) {
		return true
	}
	wanting := 1 - r.bucket.TokensAt(now)
	until := now.Add(time.Duration(wanting * float64(r.options.Cooldown)))
	r.dryUntil.Store(&until)
	return false
}

// fly asks the issuer once and publishes the result, unless the contract itself asks for keys and another replica has put
// younger ones into the Store. Its context is its own: it does not end with a caller's.
func (r *remote) fly(seen *state, fare fare) {
	start, number := time.Now(), r.begun.Add(1)
	base := seen
	var got content
	var maxAge time.Duration
	err, taken := errGoexit, false
	// Deferred, because the user's Client may panic or end the goroutine, and the callers must be let go even then.
	defer func() {
		if p := recover(); p != nil {
			err = newCrash(p)
		}
		now := time.Now()
		if taken {
			return
		}
		if err != nil {
			r.publish(base.failedWith(err, number, now), start, now)
		} else {
			r.publish(base.succeeded(got, number, now, maxAge, r.options.MaxStale), start, now)
		}
	}()
	if fare == free {
		if base, taken = r.restored(seen, number); taken {
			return
		}
	}
	// The clock of the fetch starts only now, so that a slow Store takes nothing from it.
	ctx, cancel := context.WithTimeout(context.Background(), r.options.Timeout)
	defer cancel()
	got, maxAge, err = r.fetch(ctx, base)
}

// fetch reads the key set, after the metadata if there are any, and says how long it is fresh. Only the key set's own
// header decides that.
func (r *remote) fetch(ctx context.Context, seen *state) (content, time.Duration, error) {
	deadline, _ := ctx.Deadline()
	g := r.getter.until(deadline)
	known := seen.content
	if seen.failures > 0 {
		// A server that stumbles over a conditional request must not do so for ever.
		known.located.page, known.page = page{}, page{}
	}
	located, err := r.origin.locate(ctx, g, known.located)
	if err != nil {
		return content{}, 0, err
	}
	got, err := g.get(ctx, located.address, acceptKeys, known.page)
	if err != nil {
		return content{}, 0, err
	}
	next := content{set: known.set, document: known.document, located: located, page: got.page}
	// The same document again is the same Set, so that nobody is told of a change.
	if !got.notModified && (next.set == nil || !bytes.Equal(got.body, next.document)) {
		next.document = got.body
		next.set, err = Parse(got.body, Limits{MaxBytes: r.options.MaxBytes, MaxKeys: r.options.MaxKeys})
		if err != nil {
			return content{}, 0, fmt.Errorf("answer of %q: %w", cut(located.address), err)
		}
	}
	maxAge, said := freshness(got.header)
	switch {
	case said:
	case got.notModified:
		maxAge = seen.maxAge // RFC 9111 section 4.3.4: what a 304 does not say again still holds
	default:
		maxAge = jittered(r.options.MaxAge)
	}
	return next, maxAge, nil
}

// publish replaces the state, lets the callers go, and leaves the rest to an errand. Only a flight calls it.
func (r *remote) publish(next *state, start, now time.Time) {
	seen := r.state.Swap(next)
	close(seen.superseded)
	r.reporter.errands.add(func() {
		r.reporter.tell(newsOf(seen, next, start, now))
		if next.fetches > seen.fetches && next.failures == 0 {
			r.keep(next)
		}
	})
}

// newsOf says what the refresh from start to end made of seen. Its lines leave out what is as before.
func newsOf(seen, next *state, start, end time.Time) news {
	n := news{
		from: seen.phase(start).String(), to: next.phase(end).String(), took: end.Sub(start),
		asked: next.fetches > seen.fetches, before: seen.set, after: next.set,
	}
	write := func(level slog.Level, text string, attrs ...slog.Attr) {
		n.lines = append(n.lines, line{level, text, attrs})
	}
	switch {
	case !n.asked && seen.set != nil && seen.failures == 0: // a fleet does so at each refresh
	case !n.asked:
		write(slog.LevelInfo, "kept keys restored", slog.Int("keys", next.set.Len()), slog.Time("fetched", next.lastSuccess))
	case next.failures > 0:
		n.err = next.err
		if seen.failures > 0 && seen.err.Error() == n.err.Error() {
			break // an outage of an hour is one line
		}
		write(slog.LevelWarn, "key fetch failed", slog.String("error", n.err.Error()), slog.Int("failures", next.failures))
		if crash, panicked := errors.AsType[*crash](n.err); panicked {
			write(slog.LevelError, "key fetch panicked", slog.String("error", crash.value), slog.String("stack", crash.stack))
		}
	case seen.failures > 0:
		write(slog.LevelInfo, "key fetch recovered", slog.Int("failures", seen.failures))
	}
	return n
}
