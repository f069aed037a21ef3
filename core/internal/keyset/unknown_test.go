package keyset

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// What a kid gets that no key has, one by one. What a flood of them gets is in flood_test.go.

func TestUnknownKidIsRememberedAndTheBucketRunsDry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(after(time.Second, ok(kids("a"))))
		s := i.source()
		wantAnswer(t, s, "a", found, time.Second)
		wantAnswer(t, s, "x", unknown, time.Second)
		wantAnswer(t, s, "x", unknown, 0) // remembered
		wantRequests(t, i, 2)
		wantAnswer(t, s, "y", unknown, time.Second)
		wantAnswer(t, s, "z", unknown, 0) // the bucket is empty
		wantRequests(t, i, 3)
		time.Sleep(8 * time.Second)
		wantAnswer(t, s, "x", unknown, 0)           // still remembered
		wantAnswer(t, s, "z", unknown, time.Second) // not remembered: nothing looked for it
		wantRequests(t, i, 4)
		time.Sleep(DefaultCooldown)
		wantAnswer(t, s, "x", unknown, time.Second) // forgotten
		wantRequests(t, i, 5)
		wantAnswer(t, s, "a", found, 0)
	})
}

func TestKidlessTokenWithoutAKeyIsAnUnknownKid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a", "b")))
		s := i.source()
		for _, tt := range []struct {
			alg      jws.Algorithm
			want     string
			requests int
		}{
			{jws.ES256, ambiguous, 1}, // never a reason to fetch
			{jws.RS256, unknown, 2},
			{jws.RS256, unknown, 2}, // remembered
			{jws.ES384, unknown, 3}, // another question
		} {
			key, _, err := s.Key(t.Context(), "", false, tt.alg)
			if got := verdict(key, err); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.alg, got, tt.want)
			}
			wantRequests(t, i, tt.requests)
			time.Sleep(time.Millisecond)
		}
	})
}

// K6: a kid that is asked for just before it is published is known one Cooldown later.
func TestK6KidAskedForJustBeforeItIsPublished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(time.Millisecond)
		wantAnswer(t, s, "new", unknown, 0)
		i.now(ok(kids("a", "new")))
		wantAnswer(t, s, "new", unknown, 0) // costs nothing again
		wantRequests(t, i, 2)
		time.Sleep(DefaultCooldown)
		wantAnswer(t, s, "new", found, 0)
	})
}

// K7: while the issuer fails, nobody knows whether a kid exists: no token is refused for it.
func TestK7UnknownKidWhileTheLastFetchFailed(t *testing.T) {
	for name, fault := range map[string]func(*http.Request) (*http.Response, error){
		"down": broken, "Retry-After": status(503, "", "Retry-After", "30"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(ok(kids("a")))
				s := i.source()
				wantAnswer(t, s, "a", found, 0)
				time.Sleep(time.Millisecond)
				wantAnswer(t, s, "gone", unknown, 0)
				i.now(fault)
				for _, kid := range []string{"x", "y", "z", "gone"} { // the second token of the bucket, and none
					wantAnswer(t, s, kid, unavailable, 0)
				}
				wantState(t, s, StateFresh)
				wantRequests(t, i, 3)
				wantAnswer(t, s, "a", found, 0)
				i.now(ok(kids("a")))
				time.Sleep(30 * time.Second)
				for _, kid := range []string{"x", "y", "z"} { // two tokens again, and none
					wantAnswer(t, s, kid, unknown, 0)
				}
				wantRequests(t, i, 5)
			})
		})
	}
}

// K13: after a blip and an hour of silence a new key is asked for, and not refused.
func TestK13NewKeyAfterABlipAndSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(9 * time.Minute)
		i.now(broken)
		wantAnswer(t, s, "a", found, 0) // its fetch in the background is the blip
		synctest.Wait()
		i.now(after(20*time.Millisecond, ok(kids("a", "new"))))
		time.Sleep(55 * time.Minute)
		wantState(t, s, StateStale)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { wantAnswer(t, s, "new", found, 20*time.Millisecond) })
		}
		wg.Wait()
		wantRequests(t, i, 3)
		if tokens := s.bucket.Tokens(); tokens != bucketSize {
			t.Errorf("got %v tokens left, want %d: the fetch was due", tokens, bucketSize)
		}
	})
}
