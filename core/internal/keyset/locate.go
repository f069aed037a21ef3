package keyset

import (
	"context"
	"time"
)

// whereabouts is the address that the metadata named. It does not change.
type whereabouts struct {
	location
	until time.Time // the metadata are read again
	endAt time.Time // it is used no longer if they cannot be read
}

// Locate finds out where the endpoint is, if that is not known.
func (e *Endpoint) Locate(ctx context.Context) error {
	err := within(ctx, func() error {
		_, err := e.locate()
		return err
	})
	if err != nil {
		return &AskError{RetryAfter: time.Second, Err: err}
	}
	return nil
}

// locate returns the endpoint's address. The metadata are read by one call at a time, on a context of its own, since others
// wait for the same; while they cannot be read, an address that they named before still serves.
func (e *Endpoint) locate() (string, error) {
	if e.origin.address != "" {
		return e.origin.address, nil
	}
	if at := e.found.Load(); at != nil && time.Now().Before(at.until) {
		return at.address, nil
	}
	at, err, _ := e.locating.Do("", func() (any, error) {
		known := e.found.Load()
		now := time.Now()
		if known != nil && now.Before(known.until) { // another call came first
			return known, nil
		}
		next := &whereabouts{}
		if known != nil {
			*next = *known
		}
		ctx, cancel := context.WithTimeout(context.Background(), e.options.Timeout)
		defer cancel()
		deadline, _ := ctx.Deadline()
		at, err := e.origin.locate(ctx, e.getter.until(deadline), next.location)
		switch now = time.Now(); {
		case err == nil:
			age := jittered(e.options.MaxAge)
			next.location, next.until, next.endAt = at, now.Add(age), now.Add(age+e.options.MaxStale)
		case known == nil || !now.Before(known.endAt):
			return nil, err
		default:
			next.until = now.Add(minBackoff)
		}
		e.found.Store(next)
		return next, nil
	})
	if err != nil {
		return "", err
	}
	return at.(*whereabouts).address, nil
}

// doubt has the metadata read again before the next call: an endpoint that fails may have moved.
func (e *Endpoint) doubt(now time.Time) {
	if at := e.found.Load(); at != nil && now.Before(at.until) {
		moved := *at
		moved.until = now
		e.found.CompareAndSwap(at, &moved)
	}
}
