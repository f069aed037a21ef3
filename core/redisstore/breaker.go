package redisstore

import (
	"math/rand/v2"
	"sync"
	"time"
)

const (
	minPause = time.Second
	maxPause = 30 * time.Second
)

// breaker refuses calls while a server fails, so that an outage costs its clients
// no wait. The zero value lets everything through.
type breaker struct {
	mu      sync.Mutex // guards what follows
	since   time.Time  // of the first failure in a row; zero: the server works
	retryAt time.Time  // no call before
	probing bool       // one call tries
	err     error      // of the last failure
}

// enter lets a call through, or returns the last failure. probe says that this
// one tries for all.
func (b *breaker) enter(now time.Time) (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.since.IsZero():
		return false, nil
	case b.probing || now.Before(b.retryAt):
		return false, b.err // the same text all the time, so that logs say it once
	}
	b.probing = true
	return true, nil
}

func (b *breaker) succeeded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.since, b.probing, b.err = time.Time{}, false, nil
}

// unknown ends a call that says nothing about the server. The next one may try.
func (b *breaker) unknown(probe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
}

func (b *breaker) failed(probe bool, now time.Time, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.since.IsZero() && !probe {
		return // it began before the breaker opened, and makes nothing longer
	}
	if b.since.IsZero() {
		b.since = now
	}
	b.probing, b.err = false, err
	b.retryAt = now.Add(pause(now.Sub(b.since)))
}

// pause grows with the outage, so that the service follows its server within a
// tenth of the time that this was away. The jitter keeps the replicas apart.
func pause(outage time.Duration) time.Duration {
	d := min(max(outage/10, minPause), maxPause)
	if d == minPause {
		return d + rand.N(d/4)
	}
	return d - rand.N(d/4)
}
