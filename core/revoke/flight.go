package revoke

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	limit     = 2 * time.Second  // of a wait, and of one call of the Log
	wholeRead = time.Minute      // of a read in many parts
	sweepEach = 10 * time.Second // how often entries that ended are looked for
)

// background starts a read that nobody waits for, unless one is under way or
// must not begin yet.
func (l *List) background(s *state, now time.Time) {
	if !l.flying.Load() && !now.Before(s.retryAt) {
		l.takeOff(s)
	}
}

// wait returns when a read has ended that this caller started or joined, or
// when nobody should wait any longer.
func (l *List) wait(ctx context.Context, s *state, now time.Time) {
	if now.Before(s.retryAt) || ctx.Err() != nil {
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-l.takeOff(s):
	case <-ctx.Done():
	case <-timer.C:
	}
}

// takeOff starts a read, or joins the one under way.
func (l *List) takeOff(seen *state) <-chan singleflight.Result {
	return l.flights.DoChan("", func() (any, error) {
		// Another read may have ended between the caller's look and this one.
		if l.state.Load().flight == seen.flight {
			l.flying.Store(true)
			defer l.flying.Store(false)
			l.fly()
		}
		return nil, nil
	})
}

// fly reads the Log to its end and publishes what it finds.
func (l *List) fly() {
	began := time.Now()
	before := l.state.Load()
	cursor, pending, more, err := before.cursor, []Entry(nil), true, error(nil)
	for err == nil && more {
		var entries []Entry
		var next string
		asked := time.Now()
		err = l.since.call(context.Background(), limit, func(ctx context.Context) (err error) {
			entries, next, err = l.log.Since(ctx, cursor)
			return err
		})
		if err != nil {
			break // and what an abandoned call returns is not read
		}
		more = len(entries) >= part && next != cursor
		pending, cursor = append(pending, entries...), next
		// To copy the index for each part of a long log would cost the square of its length.
		if !more || len(pending) > l.state.Load().index.size()/2 {
			if err = l.publish(pending, cursor, asked, !more); err != nil {
				break
			}
			pending = nil
		}
		if more && time.Since(began) > wholeRead {
			err = fmt.Errorf("got no end after %v", wholeRead)
		}
	}
	if err != nil {
		l.failed(err)
	}
	l.report(before, l.state.Load())
}

var errFull = errors.New("jwtmw: revocation list is full")

// publish replaces the state by one that has entries too. At the end of a read
// the list is as old as its last question to the Log.
func (l *List) publish(entries []Entry, cursor string, asked time.Time, end bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	next, now := *l.state.Load(), time.Now()
	if next.index = next.index.with(entries, now); now.Sub(l.sweptAt) > sweepEach || next.index.size() > l.max {
		next.index, l.sweptAt = next.index.swept(now), now
	}
	if n := next.index.size(); n > l.max {
		return l.overflow(n) // and the cursor stays: when entries have ended, these are read again
	}
	if next.cursor = cursor; end {
		next.loaded, next.failures, next.err = asked, 0, nil
		next.flight++
		// An Add that found no room since then has put into the Log what this read did not see.
		if asked.After(next.fullAt) {
			next.full = nil
		}
	}
	l.state.Store(&next)
	return nil
}

// overflow keeps the list as it is, and says that it is not all. The caller holds mu.
func (l *List) overflow(n int) error {
	next := *l.state.Load()
	next.full, next.fullAt = fmt.Errorf("%w: got %d entries, want at most %d", errFull, n, l.max), time.Now()
	l.state.Store(&next)
	return next.full
}

func (l *List) failed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := *l.state.Load()
	next.failures++
	next.flight++
	next.err = err
	next.retryAt = time.Now().Add(retryPause + rand.N(retryPause/2))
	l.state.Store(&next)
}

// learn makes entries hold here that the Log has taken.
func (l *List) learn(entries []Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	next, now := *l.state.Load(), time.Now()
	if next.index = next.index.with(entries, now); next.index.size() > l.max {
		next.index, l.sweptAt = next.index.swept(now), now
	}
	if n := next.index.size(); n > l.max {
		return l.overflow(n)
	}
	l.state.Store(&next)
	return nil
}
