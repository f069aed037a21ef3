package keyset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
)

// storeTimeout is how long a refresh waits for Store.Get before it asks the issuer.
const storeTimeout = 500 * time.Millisecond

// keptAnswer is a good answer in the form that a Store keeps.
type keptAnswer struct {
	Source    string    `json:"source"`     // identity of the origin
	URL       string    `json:"url"`        // of the document
	FetchedAt time.Time `json:"fetched_at"` // by the wall clock: the only one that outlives the process
	MaxAge    string    `json:"max_age"`    // as time.ParseDuration reads it
	Document  []byte    `json:"document"`
}

// restored returns the state to fetch from: seen, or a younger one that the Store kept. It publishes younger keys that serve
// at once. If the issuer need not be asked any more, taken is true and the flight ends; else it goes on into its fetch, so
// that no later caller has to start the one that is due.
func (r *remote) restored(seen *state, flight int64) (base *state, taken bool) {
	if r.options.Store == nil {
		return seen, false
	}
	start := time.Now()
	kept := r.restore(seen)
	if kept == nil {
		return seen, false
	}
	now := time.Now()
	if kept.phase(now) == fresh {
		kept.flight, taken = flight, true
	}
	if taken || kept.phase(now).serves() && seen.set == nil {
		r.publish(kept, start, now)
	}
	return kept, taken
}

// restore returns the state of a kept answer that is younger than seen, or nil if there is none that may still be used.
// Trouble is logged and otherwise ignored.
func (r *remote) restore(seen *state) (kept *state) {
	trouble, data, err := "key store cannot be read", []byte(nil), error(nil)
	err = r.storeGet.call(storeTimeout, func(ctx context.Context) (err error) {
		data, err = r.options.Store.Get(ctx, r.entryName())
		return err
	})
	// After an error nothing reads data: a call that was abandoned may still write it.
	if err == nil && data != nil {
		trouble = "kept keys are damaged"
		kept, err = r.revive(data, seen)
	}
	r.reporter.errands.add(func() { r.reporter.storeTrouble(&r.reporter.reads, trouble, err) })
	return kept
}

// revive reads a kept answer. Its age counts from when it was fetched. At a start its refresh is due at once, unless the
// Store is one of a fleet.
func (r *remote) revive(data []byte, seen *state) (*state, error) {
	var kept keptAnswer
	if err := json.Unmarshal(data, &kept); err != nil {
		return nil, errors.New("got an entry that is not JSON of the form that Put wrote") // the parser's text may repeat it
	}
	// Most often it is what this Source put there itself.
	if !kept.FetchedAt.After(seen.lastSuccess) {
		return nil, nil
	}
	// Whoever can write there, or mixes up two names, must not lend one issuer's keys to another.
	if kept.Source != r.origin.identity() {
		return nil, fmt.Errorf("got an entry of %q", cut(kept.Source))
	}
	// The configuration may have become stricter since: InsecureHTTP, Hosts.
	if err := r.origin.allows(r.getter, kept.URL); err != nil {
		return nil, err
	}
	maxAge, err := time.ParseDuration(kept.MaxAge)
	// Nothing that a fetch results in is fresh for longer.
	if longest := maxMaxAge + maxMaxAge/10; err != nil || maxAge <= 0 || maxAge > longest {
		return nil, fmt.Errorf("got max_age %q, want at most %s", cut(kept.MaxAge), longest)
	}
	age := time.Since(kept.FetchedAt)
	// Two machines' clocks differ by a little. By more, the entry's true age is not known.
	if age < -time.Minute {
		return nil, fmt.Errorf("got an entry of the future: %s", kept.FetchedAt.Format(time.RFC3339))
	}
	age = max(age, 0)
	if age >= maxAge+r.options.MaxStale {
		return nil, nil
	}
	next := *seen
	next.superseded = make(chan struct{})
	// The same document again is the same Set, so that nobody is told of a change.
	if seen.set == nil || seen.located.address != kept.URL || !bytes.Equal(seen.document, kept.Document) {
		set, err := Parse(kept.Document, Limits{MaxBytes: r.options.MaxBytes, MaxKeys: r.options.MaxKeys})
		if err != nil {
			return nil, err
		}
		next.content = content{set: set, document: kept.Document}
	}
	next.age(time.Now().Add(-age), maxAge, r.options.MaxStale)
	if seen.set == nil && !shared(r.options.Store) {
		next.refreshAt = next.loaded
	}
	next.failures, next.retryAt, next.heldUntil, next.err = 0, time.Time{}, time.Time{}, nil
	next.lastSuccess = kept.FetchedAt
	return &next, nil
}

// shared says that store is one of a fleet. What lies there that is fresh was fetched by a replica that runs, and not by a
// process that has ended.
func shared(store Store) bool {
	fleet, ok := store.(interface{ Shared() bool })
	return ok && fleet.Shared()
}

// keep puts a good answer into the Store. Keys that cannot be kept still serve.
func (r *remote) keep(s *state) {
	if r.options.Store == nil {
		return
	}
	data, err := json.Marshal(keptAnswer{
		Source: r.origin.identity(), URL: s.located.address,
		FetchedAt: s.lastSuccess.Round(0), MaxAge: s.maxAge.String(), Document: s.document,
	})
	if err == nil {
		err = r.storePut.call(errandTimeout, func(ctx context.Context) error {
			return r.options.Store.Put(ctx, r.entryName(), data)
		})
	}
	r.reporter.storeTrouble(&r.reporter.keeps, "keys cannot be kept", err)
}

// entryName is a plain file name, whatever the address holds.
func (r *remote) entryName() string {
	sum := sha256.Sum256([]byte(r.origin.identity()))
	return "jwks-" + hex.EncodeToString(sum[:]) + ".json"
}
