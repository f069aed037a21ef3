package keyset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-json-experiment/json"
)

// keptAnswer is a good answer as it lies in a Store.
type keptAnswer struct {
	Source    string    `json:"source"`     // identity of the origin
	FetchedAt time.Time `json:"fetched_at"` // by the wall clock: the only one that outlives the process
	MaxAge    string    `json:"max_age"`    // as time.ParseDuration reads it
	Document  []byte    `json:"document"`
}

// restore returns the state that a kept answer stands for, or nil where there is none that may still be used. A damaged
// entry is logged and ignored.
func (r *remote) restore(ctx context.Context, seen *state) *state {
	data, err := r.options.Store.Get(ctx, r.entryName())
	if err != nil || data == nil {
		r.storeFailed("key store cannot be read", err)
		return nil
	}
	next, err := r.revive(data, seen)
	r.storeFailed("kept keys are damaged", err)
	return next
}

// revive reads a kept answer. Its time counts on from when it was fetched, and its refresh is due at once.
func (r *remote) revive(data []byte, seen *state) (*state, error) {
	var kept keptAnswer
	if err := json.Unmarshal(data, &kept); err != nil {
		return nil, errors.New("got an entry that is not JSON of the wanted form") // the parser's text may repeat it
	}
	if kept.Source != r.origin.identity() {
		return nil, fmt.Errorf("got an entry of %q", cut(kept.Source))
	}
	maxAge, err := time.ParseDuration(kept.MaxAge)
	// Nothing that freshness returns is longer than that.
	if longest := max(maxMaxAge, r.options.MaxAge+r.options.MaxAge/10); err != nil || maxAge <= 0 || maxAge > longest {
		return nil, fmt.Errorf("got max_age %q, want at most %s", cut(kept.MaxAge), longest)
	}
	age := time.Since(kept.FetchedAt)
	if age < -time.Minute {
		return nil, fmt.Errorf("got an entry of the future: %s", kept.FetchedAt.Format(time.RFC3339))
	}
	age = max(age, 0)
	if age >= maxAge+r.options.MaxStale {
		return nil, nil
	}
	set, err := Parse(kept.Document, Limits{MaxBytes: r.options.MaxBytes, MaxKeys: r.options.MaxKeys})
	if err != nil {
		return nil, err
	}
	next := *seen
	next.superseded = make(chan struct{})
	next.content = content{set: set, document: kept.Document}
	next.age(time.Now().Add(-age), maxAge, r.options.MaxStale)
	next.refreshAt = next.loaded
	next.failures, next.retryAt, next.err = 0, time.Time{}, nil
	next.lastSuccess = kept.FetchedAt
	return &next, nil
}

// keep puts a good answer into the Store. Keys that cannot be kept still serve.
func (r *remote) keep(s *state) {
	if r.options.Store == nil {
		return
	}
	var err error
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %s", cut(fmt.Sprint(p)))
		}
		r.storeFailed("keys cannot be kept", err)
	}()
	data, err := json.Marshal(keptAnswer{
		Source: r.origin.identity(), FetchedAt: s.lastSuccess.Round(0), MaxAge: s.maxAge.String(), Document: s.document,
	})
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), r.options.Timeout)
	defer cancel()
	err = r.options.Store.Put(ctx, r.entryName(), data)
}

// entryName is a plain file name, whatever the address holds.
func (r *remote) entryName() string {
	sum := sha256.Sum256([]byte(r.origin.identity()))
	return "jwks-" + hex.EncodeToString(sum[:]) + ".json"
}

// storeFailed logs trouble with the Store once, and again only when it is another one.
func (r *remote) storeFailed(what string, err error) {
	trouble := ""
	if err != nil {
		trouble = what + ": " + err.Error()
	}
	if trouble != "" && trouble != r.storeTrouble {
		r.reporter.log.Warn(what, slog.String("error", err.Error()))
	}
	r.storeTrouble = trouble
}
