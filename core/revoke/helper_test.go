package revoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/revoke"
)

const issuer = "https://issuer.test"

// token returns claims as a verifier hands them out.
func token(t *testing.T, members map[string]any) *core.Claims {
	t.Helper()
	payload := map[string]any{"iss": issuer, "jti": "t1", "sid": "s1", "sub": "alice", "iat": time.Now().Unix()}
	for name, value := range members {
		payload[name] = value
		if value == nil {
			delete(payload, name)
		}
	}
	text, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	c := new(core.Claims)
	if err := json.Unmarshal(text, c); err != nil {
		t.Fatal(err)
	}
	return c
}

func mustList(t *testing.T, c revoke.Config) *revoke.List {
	t.Helper()
	l, err := revoke.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const (
	revoked = "revoked"
	passes  = "passes"
	unknown = "unknown" // 503
)

func verdict(l *revoke.List, c *core.Claims) string {
	return verdictOf(l.Revoked(context.Background(), c))
}

func verdictOf(answer bool, err error) string {
	switch {
	case err != nil && answer:
		return "revoked, with an error"
	case err != nil:
		return unknown
	case answer:
		return revoked
	}
	return passes
}

// wantVerdict asks and compares. took is exact in a bubble, whose clock stands
// still while anybody runs.
func wantVerdict(t *testing.T, l *revoke.List, c *core.Claims, want string, took time.Duration) {
	t.Helper()
	start := time.Now()
	if got, waited := verdict(l, c), time.Since(start); got != want || waited != took {
		t.Errorf("got %s after %v, want %s after %v", got, waited, want, took)
	}
}

// faulty is a Memory that can fail, hang and panic, and counts its calls.
type faulty struct {
	revoke.Log
	mu     sync.Mutex // guards what follows
	since  func(context.Context) error
	add    func(context.Context) error
	sinces int
}

func newFaulty() *faulty { return &faulty{Log: revoke.Memory()} }

func (f *faulty) now(since func(context.Context) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.since = since
}

func (f *faulty) calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sinces
}

func (f *faulty) Since(ctx context.Context, cursor string) ([]revoke.Entry, string, error) {
	f.mu.Lock()
	f.sinces++
	since := f.since
	f.mu.Unlock()
	if since != nil {
		if err := since(ctx); err != nil {
			return nil, "", err
		}
	}
	return f.Log.Since(ctx, cursor)
}

func (f *faulty) Add(ctx context.Context, entries ...revoke.Entry) error {
	if f.add != nil {
		if err := f.add(ctx); err != nil {
			return err
		}
	}
	return f.Log.Add(ctx, entries...)
}

func broken(context.Context) error { return errors.New("connection refused") }

func frozen(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func bursting(context.Context) error { panic("log") }
