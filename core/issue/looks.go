package issue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

const (
	// lookEvery is how often, at most, a store or a directory is looked at.
	lookEvery = time.Minute

	// lookAgain is the pause instead while no key signs.
	lookAgain = time.Second

	// lookTimeout bounds a look. It has its own context: no caller's end is its own.
	lookTimeout = 5 * time.Second

	// lookPatience is how long whoever begins a look waits for it while a key in hand
	// signs. Those who come later do not wait at all.
	lookPatience = time.Second
)

// snapshot is what the last look found. It does not change.
type snapshot struct {
	timetable
	stored []byte    // what the store held; nil for a directory
	keys   []ringKey // what stored says

	lookAt  time.Time // when the next look is due
	retryAt time.Time // when it is while no key signs; before lookAt
	err     error     // why the last look failed, in part or whole
}

// looks keeps what a store or a directory said, and looks again when it is due
// and somebody asks.
type looks struct {
	// read returns what is there now. Beside an error it returns what was read all
	// the same, or nil.
	read func(ctx context.Context, seen *snapshot) (*snapshot, error)
	log  reporter

	state   atomic.Pointer[snapshot]
	flights singleflight.Group
	flying  atomic.Bool         // a look is under way
	turn    *semaphore.Weighted // of 1: held by whoever reads and then sets state
}

func newLooks(log reporter, read func(context.Context, *snapshot) (*snapshot, error)) *looks {
	l := &looks{read: read, log: log, turn: semaphore.NewWeighted(1)}
	l.state.Store(&snapshot{})
	return l
}

func (l *looks) held() *timetable { return &l.state.Load().timetable }

// current waits for a look that is due; while a key in hand signs no longer than
// lookPatience, and not for one that is under way already.
func (l *looks) current(ctx context.Context) (*timetable, time.Time, error) {
	seen, now := l.state.Load(), time.Now()
	signs := seen.signing(now) != nil
	if signs && now.Before(seen.lookAt) || now.Before(seen.retryAt) {
		return &seen.timetable, now, seen.err
	}
	if signs {
		if l.flying.Load() {
			return &seen.timetable, now, seen.err
		}
		patient, cancel := context.WithTimeout(ctx, lookPatience)
		defer cancel()
		ctx = patient
	}
	select {
	case <-l.look(seen):
	case <-ctx.Done():
		if !signs {
			return &seen.timetable, time.Now(), errors.Join(context.Cause(ctx), seen.err)
		}
	}
	s := l.state.Load()
	return &s.timetable, time.Now(), s.err
}

// look starts a look, or joins the one under way. One that finds another state
// than seen has nothing to do: somebody else's came first.
func (l *looks) look(seen *snapshot) <-chan singleflight.Result {
	return l.flights.DoChan("", func() (any, error) {
		l.flying.Store(true)
		defer l.flying.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
		defer cancel()
		if err := l.turn.Acquire(ctx, 1); err != nil {
			return nil, nil // Rotate or Replace is at it, and sets the state
		}
		defer l.turn.Release(1)
		if l.state.Load() == seen {
			l.set(l.safely(ctx, seen, l.read))
		}
		return nil, nil
	})
}

// change runs f alone, as Rotate and Replace want, and takes what it returns as
// a look. A mere failure leaves the state as it was, with the next look when it
// was due anyway.
func (l *looks) change(ctx context.Context, f func(context.Context, *snapshot) (*snapshot, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 2*lookTimeout)
	defer cancel()
	if err := l.turn.Acquire(ctx, 1); err != nil {
		return err
	}
	defer l.turn.Release(1)
	next, err := l.safely(ctx, l.state.Load(), f)
	if err != nil {
		return err
	}
	l.set(next, nil)
	return nil
}

// safely makes an error of a panic in the user's Store or Sealer, which would
// end the process: nobody could recover it from a look.
func (l *looks) safely(ctx context.Context, seen *snapshot, f func(context.Context, *snapshot) (*snapshot, error)) (next *snapshot, err error) {
	defer func() {
		if p := recover(); p != nil {
			next, err = nil, fmt.Errorf("panic while reading the keys: %s", quote(fmt.Sprint(p)))
		}
	}()
	return f(ctx, seen)
}

// set publishes what a look found, and keeps the keys in hand where it failed. The
// caller holds turn.
func (l *looks) set(found *snapshot, err error) {
	seen, now := l.state.Load(), time.Now()
	next := *seen
	if found != nil {
		next = *found
	}
	next.err = err
	next.lookAt, next.retryAt = now.Add(lookEvery), now.Add(lookAgain)
	l.state.Store(&next)
	switch {
	case err != nil && (seen.err == nil || seen.err.Error() != err.Error()):
		l.log.report(slog.LevelWarn, "keys cannot be read", slog.String("error", err.Error()))
	case err == nil && seen.err != nil:
		l.log.report(slog.LevelInfo, "keys can be read again")
	}
}
