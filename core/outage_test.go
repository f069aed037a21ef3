package core_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// B10: a thousand callers who come first share one fetch.
func TestOneFetchForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Delay(time.Second))
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}})
		token := issuer.Token(nil)
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				if _, err := v.Verify(context.Background(), token); err != nil {
					t.Errorf("got %v, want the token to pass", errors.Unwrap(err))
				}
			})
		}
		all.Wait()
		if issuer.Fetches() != 1 || issuer.MetadataFetches() != 1 {
			t.Errorf("got %d and %d fetches, want 1 and 1", issuer.MetadataFetches(), issuer.Fetches())
		}
	})
}

func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}})
		old := issuer.Token(map[string]any{"exp": time.Now().Add(100 * time.Hour)})
		verify := func(step, token string, want core.Reason) {
			t.Helper()
			if _, err := v.Verify(context.Background(), token); reasonOf(err) != want {
				t.Errorf("%s: got %q, want %q", step, reasonOf(err), want)
			}
		}
		verify("before", old, "")
		issuer.Rotate("RS256")
		verify("the first token under the new key", issuer.Token(nil), "")
		verify("the old key, still published", old, "")
		issuer.Replace("RS256")
		verify("the first token without overlap", issuer.Token(nil), "")
		verify("the key that is gone", old, core.ReasonUnknownKey)
	})
}

// An issuer that is down from the start is never the token's fault.
func TestIssuerDown(t *testing.T) {
	for name, fault := range map[string]jwttest.Fault{"500": jwttest.Fail(500), "hangs": jwttest.Hang(), "drops": jwttest.Drop()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := jwttest.NewIssuer("")
				issuer.Misbehave(fault)
				v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}})
				for range 3 {
					c, err := v.Verify(context.Background(), issuer.Token(nil))
					mustBeUnavailable(t, err)
					if c != nil {
						t.Errorf("got claims %v, want none", c)
					}
				}
				if err := v.Ready(context.Background()); !errors.Is(err, core.ErrKeysUnavailable) {
					t.Errorf("Ready: got %v, want ErrKeysUnavailable", err)
				}
				issuer.Recover()
				time.Sleep(time.Minute)
				if _, err := v.Verify(context.Background(), issuer.Token(nil)); err != nil {
					t.Errorf("got %v after the recovery, want the token to pass", errors.Unwrap(err))
				}
			})
		})
	}
}

func mustBeUnavailable(t *testing.T, err error) {
	t.Helper()
	r := core.RefusalOf(err)
	if r == nil || r.Status != 503 || r.Reason != core.ReasonKeysUnavailable || r.RetryAfter < time.Second || r.Challenge != "" {
		t.Errorf("got %+v, want 503 keys_unavailable, RetryAfter of a second or more and no challenge", r)
	}
	if !errors.Is(err, core.ErrKeysUnavailable) || errors.Is(err, core.ErrInvalidToken) {
		t.Errorf("got %v, want ErrKeysUnavailable alone", err)
	}
}

// The caller's context bounds the wait, and ends nobody else's.
func TestVerifyHeedsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Delay(2 * time.Second))
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: issuer.Client()}}})
		token := issuer.Token(nil)
		var all sync.WaitGroup
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_, err := v.Verify(ctx, token)
			mustBeUnavailable(t, err)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the context's error among the causes", errors.Unwrap(err))
			}
		})
		all.Go(func() {
			if _, err := v.Verify(context.Background(), token); err != nil {
				t.Errorf("got %v, want the token to pass", errors.Unwrap(err))
			}
		})
		all.Wait()
	})
}

// A client is told to wait as long as the issuer asked for.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Fail(503))
		issuer.SetHeader("Retry-After", "30")
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: issuer.Client()}}})
		_, err := v.Verify(context.Background(), issuer.Token(nil))
		mustBeUnavailable(t, err)
		if got := core.RefusalOf(err).RetryAfter; got < 30*time.Second || got > time.Minute {
			t.Errorf("got RetryAfter %v, want the issuer's 30 s", got)
		}
	})
}

// A16c: the wait for keys may outlast a token.
func TestExpiryWhileKeysAreFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Delay(4 * time.Second))
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Leeway: core.NoLeeway,
			Keys: core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: issuer.Client()}}})
		token := issuer.Token(map[string]any{"exp": time.Now().Add(time.Second)})
		if _, err := v.Verify(t.Context(), token); reasonOf(err) != core.ReasonExpired {
			t.Errorf("got %q, want expired", reasonOf(err))
		}
	})
}
