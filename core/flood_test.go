package core_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// flood sends n tokens of a new kid each, evenly over d.
func flood(t *testing.T, v *core.Verifier, issuer *jwttest.Issuer, n int, d time.Duration) {
	t.Helper()
	for i := range n {
		token := issuer.Token(nil, jwttest.Algorithm("ES256"), jwttest.KeyID(fmt.Sprint("flood", i)))
		if _, err := v.Verify(context.Background(), token); reasonOf(err) != core.ReasonUnknownKey && reasonOf(err) != core.ReasonKeysUnavailable {
			t.Fatalf("got %q, want a refusal for want of the key", reasonOf(err))
		}
		time.Sleep(d / time.Duration(n))
	}
}

func discovering(t *testing.T, issuer *jwttest.Issuer) *core.Verifier {
	t.Helper()
	return mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}})
}

// B01, B02, B11: tokens under kids that do not exist cost next to nothing, and
// do not delay the token under a new key by more than the cooldown.
func TestFloodOfKeyIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		v := discovering(t, issuer)
		if err := v.Ready(context.Background()); err != nil {
			t.Fatal(err)
		}
		before := issuer.Fetches()
		flood(t, v, issuer, 2000, 10*time.Second)
		if got := issuer.Fetches() - before; got > 3 {
			t.Errorf("B01: got %d fetches in 10 s, want at most 3", got)
		}
		issuer.Replace("ES256")
		began := time.Now()
		for {
			_, err := v.Verify(context.Background(), issuer.Token(nil, jwttest.Algorithm("ES256")))
			if err == nil {
				break
			}
			if waited := time.Since(began); waited > 10*time.Second {
				t.Fatalf("B02: got %q after %v, want the new key within the cooldown", reasonOf(err), waited)
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
}

// B03: an issuer that never had a key to give is not asked more often either.
func TestFloodWithoutKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Empty(), jwttest.JWKS)
		v := discovering(t, issuer)
		flood(t, v, issuer, 1000, 10*time.Second)
		if got := issuer.Fetches(); got < 2 || got > 8 { // with the backoff: after 0, 1, 3 and 7 s, more or less
			t.Errorf("B03: got %d fetches in 10 s, want some by the backoff and no more", got)
		}
	})
}

// B09, D02: the caller who came first leaves, the others get their answer, and
// nothing runs on: the bubble would not end.
func TestB09D02FirstCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Delay(time.Second))
		v := discovering(t, issuer)
		token := issuer.Token(nil)
		first, leave := context.WithCancel(context.Background())
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := v.Verify(first, token); reasonOf(err) != core.ReasonKeysUnavailable {
				t.Errorf("got %q for the caller who left, want keys_unavailable", reasonOf(err))
			}
		})
		synctest.Wait()
		for range 19 {
			all.Go(func() {
				if _, err := v.Verify(context.Background(), token); err != nil {
					t.Errorf("got %q, want the token to pass", reasonOf(err))
				}
			})
		}
		synctest.Wait()
		leave()
		all.Wait()
		if got := issuer.Fetches(); got != 1 {
			t.Errorf("got %d fetches, want 1", got)
		}
	})
}
