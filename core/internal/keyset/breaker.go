package keyset

import (
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	// maxDoublings bounds the pause at 8 s and the jitter: nothing serves meanwhile, as keys do that are stale.
	maxDoublings = 4

	// warnAnswers bounds the lines about answers that say nothing, since whoever sends tokens chooses how many there are.
	warnAnswers = time.Minute
)

// EndpointStats is what became of an endpoint's calls.
type EndpointStats struct {
	Calls, Failures int       // those that ended, and those of them that failed
	LastSuccess     time.Time // zero: never
	LastFailure     time.Time // zero: never
	LastError       string    // of the last failure; "" after a success
}

// breaker refuses calls for a while after the endpoint failed, so that an outage costs its callers no wait. Then one call
// tries for all. The zero value lets everything through.
type breaker struct {
	mu       sync.Mutex // guards what follows
	failures int        // in a row; 0: the endpoint works
	retryAt  time.Time  // no call before
	probing  bool       // one call tries
	err      error      // of the last failure
	warned   time.Time  // of an answer that said nothing
	ends     EndpointStats
}

// enter lets a call through, or returns the last failure. probe says that this one tries for all.
func (b *breaker) enter(now time.Time) (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.failures == 0:
		return false, nil
	case b.probing || now.Before(b.retryAt):
		return false, b.err
	}
	b.probing = true
	return true, nil
}

// unknown ends a call that was not made. The next one may try.
func (b *breaker) unknown(probe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
}

// pause is how long no call is let through.
func (b *breaker) pause(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.retryAt.Sub(now)
}

// ended takes note of a call's end, and returns what the log should say of it. answered says that the endpoint works,
// whatever err is.
func (b *breaker) ended(probe bool, now time.Time, err error, answered bool) (lines []line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ends.Calls++
	if err == nil {
		b.ends.LastSuccess, b.ends.LastError = now, ""
	} else {
		b.ends.Failures++
		b.ends.LastFailure, b.ends.LastError = now, err.Error()
	}
	if err != nil && !answered {
		return b.open(probe, now, err)
	}
	if b.failures > 0 {
		lines = append(lines, line{slog.LevelInfo, "introspection recovered", []slog.Attr{slog.Int("failures", b.failures)}})
	}
	b.failures, b.probing, b.retryAt, b.err = 0, false, time.Time{}, nil
	if err != nil && (b.warned.IsZero() || now.Sub(b.warned) >= warnAnswers) {
		b.warned = now
		lines = append(lines, line{slog.LevelWarn, "introspection failed", []slog.Attr{slog.String("error", err.Error()), slog.Int("failures", 0)}})
	}
	return lines
}

func (b *breaker) open(probe bool, now time.Time, err error) (lines []line) {
	if b.failures > 0 && !probe {
		return nil // it began before the breaker opened, and makes nothing longer
	}
	if b.err == nil || b.err.Error() != err.Error() { // an outage of an hour is one line
		lines = append(lines, line{slog.LevelWarn, "introspection failed", []slog.Attr{slog.String("error", err.Error()), slog.Int("failures", b.failures+1)}})
		if crash, panicked := errors.AsType[*crash](err); panicked {
			lines = append(lines, line{slog.LevelError, "introspection panicked", []slog.Attr{slog.String("error", crash.value), slog.String("stack", crash.stack)}})
		}
	}
	b.failures++
	b.probing, b.err = false, err
	pause := backoff(min(b.failures, maxDoublings))
	if refused, ok := errors.AsType[*statusError](err); ok {
		pause = max(pause, refused.retryAfter)
	}
	b.retryAt = now.Add(pause)
	return lines
}

func (b *breaker) stats() EndpointStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ends
}
