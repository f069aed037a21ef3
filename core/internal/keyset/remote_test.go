package keyset

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// The contract, state by state. In a bubble the clock moves only when everybody waits: a wait of zero is a proof that
// nobody waited.

func TestFreshKnownKeyIsAnsweredFromMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(after(time.Second, ok(kids("a"))))
		s := i.source()
		wantAnswer(t, s, "a", found, time.Second)
		time.Sleep(7 * time.Minute)
		wantAnswer(t, s, "a", found, 0)
		key, _, err := s.Key(t.Context(), "a", true, jws.RS256)
		if got := verdict(key, err); got != wrong {
			t.Errorf("a known kid under another algorithm: got %s, want %s", got, wrong)
		}
		wantState(t, s, StateFresh)
		synctest.Wait()
		wantRequests(t, i, 1)
	})
}

func TestB11B12RotationIsAcceptedWithTheFirstToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("old")))
		s := i.source()
		wantAnswer(t, s, "old", found, 0)
		time.Sleep(time.Minute)
		i.now(after(20*time.Millisecond, ok(kids("new"))))
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { wantAnswer(t, s, "new", found, 20*time.Millisecond) })
		}
		wg.Wait()
		wantRequests(t, i, 2)
		wantAnswer(t, s, "old", unknown, 20*time.Millisecond) // B12: gone with the next good answer
	})
}

func TestRefreshAheadIsInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(8 * time.Minute) // 80 % of ten
		wantState(t, s, StateAhead)
		i.now(after(time.Second, ok(kids("a", "b"))))
		for range 100 {
			wantAnswer(t, s, "a", found, 0)
		}
		synctest.Wait()
		wantRequests(t, i, 2)
		wantAnswer(t, s, "b", found, time.Second) // joins the fetch under way, and pays nothing
		wantState(t, s, StateFresh)
		wantRequests(t, i, 2)
		if tokens := s.bucket.Tokens(); tokens != bucketSize {
			t.Errorf("got %v tokens left, want %d", tokens, bucketSize)
		}
	})
}

func TestRefreshAheadFailureKeepsServingAndBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		i.now(broken)
		time.Sleep(8 * time.Minute)
		for range 100 { // one asks each second
			wantAnswer(t, s, "a", found, 0)
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if got := i.requests(); got < 4 || got > 10 {
			t.Errorf("got %d requests, want 4..10: a second doubled, up to a minute", got)
		}
		wantState(t, s, StateAhead)
	})
}

func TestStaleServesKnownKeysAndRefusesOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		i.now(hang)
		time.Sleep(9 * time.Minute)
		wantAnswer(t, s, "a", found, 0) // and a fetch in the background, which will time out
		time.Sleep(time.Minute)
		wantState(t, s, StateStale)
		before := i.requests()
		for start := time.Now(); time.Since(start) < 56*time.Minute; time.Sleep(time.Second) {
			wantAnswer(t, s, "a", found, 0)
			resting := s.state.Load().resting(time.Now())
			got, waited := ask(s, "x")
			if got != unavailable || waited > DefaultTimeout || resting && waited > 0 {
				t.Errorf("unknown kid, backoff %t: got %s after %s, want %s, at once while the backoff runs", resting, got, waited, unavailable)
			}
		}
		if got := i.requests() - before; got < 40 || got > 75 {
			t.Errorf("got %d requests in an hour, want 40..75: the backoff ends at a minute, less a quarter", got)
		}
		wantState(t, s, StateStale)
		i.now(ok(kids("a", "x")))
		time.Sleep(2 * time.Minute) // longer than a fetch that hangs and the pause after it
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait()
		wantAnswer(t, s, "x", found, 0)
		wantState(t, s, StateFresh)
	})
}

func TestExpiredIsUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		i.now(after(time.Second, broken))
		time.Sleep(9 * time.Minute)
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(time.Minute + DefaultMaxStale)
		wantState(t, s, StateExpired)
		wantAnswer(t, s, "a", unavailable, time.Second) // one fetch, waited for
		wantAnswer(t, s, "a", unavailable, 0)           // none until the backoff allows it
		wantAnswer(t, s, "x", unavailable, 0)
		wantRequests(t, i, 3)
		_, _, err := s.Key(t.Context(), "a", true, jws.ES256)
		down, _ := errors.AsType[*UnavailableError](err)
		if down.RetryAfter < 2*time.Second || down.RetryAfter > 3*time.Second {
			t.Errorf("got Retry-After %s, want 2s..3s after the second failure", down.RetryAfter)
		}
		time.Sleep(down.RetryAfter)
		i.now(ok(kids("a")))
		wantAnswer(t, s, "a", found, 0)
	})
}

func TestNeverLoadedIsUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(after(time.Second, broken))
		s := i.source()
		wantState(t, s, StateEmpty)
		var wg sync.WaitGroup
		for n := range 100 {
			wg.Go(func() { wantAnswer(t, s, fmt.Sprint(n), unavailable, time.Second) })
		}
		wg.Wait()
		wantRequests(t, i, 1)
		wantAnswer(t, s, "a", unavailable, 0)
		wantRequests(t, i, 1)
		wantState(t, s, StateEmpty)
		stats := s.Stats()
		if stats.LastError == "" || stats.Failures != 1 || stats.Fetches != 1 || stats.LastFailure.IsZero() || !stats.LastSuccess.IsZero() {
			t.Errorf("got %+v, want one failure told", stats)
		}
	})
}

func TestSilenceIsNoFailure(t *testing.T) {
	for _, pause := range []time.Duration{11 * time.Minute, 10 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			i := newIssuer(ok(kids("a")))
			s := i.source()
			wantAnswer(t, s, "a", found, 0)
			time.Sleep(pause)
			i.now(after(time.Second, ok(kids("b"))))
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() { wantAnswer(t, s, "b", found, time.Second) })
			}
			wg.Wait()
			wantAnswer(t, s, "a", unknown, time.Second)
			wantRequests(t, i, 3)
		})
	}
}

func TestSilenceThenAFailureIsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(30 * time.Minute)
		i.now(after(time.Second, broken))
		wantAnswer(t, s, "a", found, time.Second)
		wantAnswer(t, s, "a", found, 0)
		wantAnswer(t, s, "x", unavailable, 0)
		wantState(t, s, StateStale)
	})
}
