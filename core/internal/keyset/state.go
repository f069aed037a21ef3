package keyset

import (
	"errors"
	"time"
)

// phase says how far a set of keys is between its fetch and its end. The package comment says what each phase means.
type phase int

const (
	empty   phase = iota // never loaded
	fresh                // younger than 80 % of maxAge
	ahead                // younger than maxAge: time for a fetch that nobody waits for
	silent               // older than maxAge, because nobody asked
	stale                // older than maxAge, because fetching fails
	expired              // older than maxAge and maxStale
)

// serves says whether a known key is answered from memory.
func (p phase) serves() bool {
	return p == fresh || p == ahead || p == stale
}

func (p phase) String() string {
	switch p {
	case fresh:
		return StateFresh
	case ahead:
		return StateAhead
	case silent, stale:
		return StateStale
	case expired:
		return StateExpired
	default:
		return StateEmpty
	}
}

// state is all that is known about an issuer's keys. It is immutable: a flight publishes another one, after success
// and after failure alike. Its instants keep their monotonic reading, so that a clock that jumps moves none of them.
type state struct {
	content                                    // nil set: none
	maxAge                       time.Duration // how long the content is fresh
	loaded                       time.Time     // when the issuer last confirmed the content
	refreshAt, freshUntil, endAt time.Time

	flight    int64     // number of the flight that led here
	asked     int64     // number of the last one whose question the issuer answered
	failures  int       // in a row, since loaded
	retryAt   time.Time // our own backoff after a failure
	heldUntil time.Time // the Retry-After that the issuer sent
	err       error     // of the last failure

	lastSuccess, lastFailure time.Time
	fetches, failed          int

	superseded chan struct{} // closed when another state takes this one's place
}

// content is what one good answer said.
type content struct {
	set      *Set
	document []byte // that set was read from
	located  location
	page     page // of document
}

func newState() *state {
	return &state{superseded: make(chan struct{})}
}

func (s *state) phase(now time.Time) phase {
	switch {
	case s.set == nil:
		return empty
	case now.Before(s.refreshAt):
		return fresh
	case now.Before(s.freshUntil):
		return ahead
	case !now.Before(s.endAt): // before the next two: neither silence nor a failure makes keys last longer
		return expired
	case s.failures > 0:
		return stale
	default:
		return silent
	}
}

// due says that it is time for a fetch that nobody waits for.
func (s *state) due(now time.Time) bool {
	p := s.phase(now)
	return (p == ahead || p == stale) && !now.Before(s.retryAt)
}

// succeeded returns the state after a good answer, fresh for maxAge from now.
func (s *state) succeeded(c content, flight int64, now time.Time, maxAge, maxStale time.Duration) *state {
	next := newState()
	next.content = c
	next.age(now, maxAge, maxStale)
	next.flight, next.asked = flight, flight
	next.lastSuccess, next.lastFailure = now, s.lastFailure
	next.fetches, next.failed = s.fetches+1, s.failed
	return next
}

// failedWith returns the state after a fetch that failed: the keys as they were.
func (s *state) failedWith(err error, flight int64, now time.Time) *state {
	next := *s
	next.superseded = make(chan struct{}) // closing one of two states must not let the other's callers go
	next.flight = flight
	next.failures++
	next.err = err
	next.lastFailure = now
	next.fetches, next.failed = s.fetches+1, s.failed+1
	pause := backoff(next.failures)
	// A Retry-After can lengthen our own backoff and not shorten it, or a failing issuer could have itself asked without end.
	if refused, ok := errors.AsType[*statusError](err); ok && refused.retryAfter > 0 {
		pause = max(pause, refused.retryAfter)
		next.heldUntil = now.Add(refused.retryAfter)
	}
	next.retryAt = now.Add(pause)
	return &next
}

// age sets the instants that follow from when the content was confirmed.
func (s *state) age(loaded time.Time, maxAge, maxStale time.Duration) {
	s.loaded, s.maxAge = loaded, maxAge
	s.refreshAt = loaded.Add(maxAge / 5 * 4)
	s.freshUntil = loaded.Add(maxAge)
	s.endAt = s.freshUntil.Add(maxStale)
}

// resting says that the issuer must be left alone even for an unknown kid: it asked for that itself, or it failed and the
// keys are past their age. While the keys are younger, our own backoff delays no rotation.
func (s *state) resting(now time.Time) bool {
	return now.Before(s.heldUntil) || s.phase(now) == stale && now.Before(s.retryAt)
}

// absent is the answer for a key that s does not know, without a fetch. While the issuer fails it is not a verdict on the
// token: the key may be a new one.
func (s *state) absent(now time.Time) error {
	if s.failures > 0 {
		return s.unavailable(now)
	}
	return ErrUnknownKey
}

// unavailable is the answer while nobody can know better.
func (s *state) unavailable(now time.Time) error {
	return &UnavailableError{RetryAfter: max(s.retryAt.Sub(now), time.Second), Err: s.err}
}

func (s *state) stats(now time.Time, maxStale time.Duration) Stats {
	stats := Stats{
		State: s.phase(now).String(), MaxAge: s.maxAge, MaxStale: maxStale,
		LastSuccess: s.lastSuccess, LastFailure: s.lastFailure,
		Fetches: s.fetches, Failures: s.failed,
	}
	if s.set != nil {
		stats.Keys, stats.Skipped, stats.Age = s.set.Len(), s.set.Skipped(), now.Sub(s.loaded)
	}
	if s.failures > 0 {
		stats.LastError = s.err.Error()
	}
	return stats
}
