package keyset

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// flood asks for a new unknown kid each millisecond, from one goroutine each, and counts who had to wait.
type flood struct {
	wg     sync.WaitGroup
	sent   atomic.Int64
	waited atomic.Int64
}

func (f *flood) run(s Source, d time.Duration) {
	for start := time.Now(); time.Since(start) < d; time.Sleep(time.Millisecond) {
		n := f.sent.Add(1)
		f.wg.Go(func() {
			if _, waited := ask(s, fmt.Sprintf("random-%d", n)); waited > 0 {
				f.waited.Add(1)
			}
		})
	}
	f.wg.Wait()
}

func TestB01FloodOfKidsCostsThreeFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const latency = 20 * time.Millisecond
		i := newIssuer(after(latency, ok(kids("a"))))
		s := i.source()
		wantAnswer(t, s, "a", found, latency)
		var f flood
		f.run(s, 10*time.Second)
		if sent, got := f.sent.Load(), i.requests()-1; sent != 10_000 || got > 3 {
			t.Errorf("got %d fetches for %d kids, want at most 3 for 10000", got, sent)
		}
		// Only who came while a fetch was under way waited, and at most for that one and the next.
		if most := 3 * 2 * int64(latency/time.Millisecond); f.waited.Load() > most {
			t.Errorf("got %d callers who waited, want at most %d", f.waited.Load(), most)
		}
		wantAnswer(t, s, "a", found, 0)
	})
}

func TestB01CallersOneByOneDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(after(time.Second, ok(kids("a"))))
		s := i.source()
		wantAnswer(t, s, "a", found, time.Second)
		waits := 0
		for n := range 10_000 {
			if _, waited := ask(s, fmt.Sprint(n)); waited > 0 {
				waits++
			}
		}
		if waits != bucketSize {
			t.Errorf("got %d callers who waited, want the %d who paid", waits, bucketSize)
		}
	})
}

// Once the bucket is empty, a kid that nobody knows is refused where it stands.
func TestB01EmptyBucketCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newIssuer(ok(kids("a"))).source()
		for _, kid := range []string{"b", "c"} {
			wantAnswer(t, s, kid, unknown, 0)
		}
		ctx := context.Background()
		if got := testing.AllocsPerRun(100, func() { _, _, _ = s.Key(ctx, "d", true, jws.ES256) }); got != 0 {
			t.Errorf("got %v allocations, want 0", got)
		}
	})
}

func TestB02RotationUnderAFloodTakesOneCooldown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(after(20*time.Millisecond, ok(kids("old"))))
		s := i.source()
		wantAnswer(t, s, "old", found, 20*time.Millisecond)
		var wg sync.WaitGroup
		wg.Go(func() {
			var f flood
			f.run(s, 30*time.Second)
		})
		time.Sleep(5 * time.Second) // the bucket is long empty
		i.now(after(20*time.Millisecond, ok(kids("old", "new"))))
		rotated := time.Now()
		for {
			if got, _ := ask(s, "new"); got == found {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if took := time.Since(rotated); took > DefaultCooldown {
			t.Errorf("got the new key after %s, want it within %s", took, DefaultCooldown)
		}
		wg.Wait()
	})
}

// The fetch that refresh ahead calls for is shared by whoever needs another key, though the bucket be empty.
func TestRefreshAheadServesAnUnknownKid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("old")))
		s := i.source()
		wantAnswer(t, s, "old", found, 0)
		time.Sleep(479 * time.Second)
		i.now(broken) // whatever it would answer would renew the keys
		wantAnswer(t, s, "one", unavailable, 0)
		wantAnswer(t, s, "two", unavailable, 0)
		i.now(after(20*time.Millisecond, ok(kids("old", "new"))))
		time.Sleep(3 * time.Second)
		wantState(t, s, StateAhead)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() { wantAnswer(t, s, "new", found, 20*time.Millisecond) })
		}
		wg.Wait()
	})
}

func TestRotationAfterOneBogusKid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("old")))
		s := i.source()
		wantAnswer(t, s, "old", found, 0)
		time.Sleep(time.Millisecond)
		wantAnswer(t, s, "bogus", unknown, 0)
		i.now(after(20*time.Millisecond, ok(kids("new"))))
		wantAnswer(t, s, "new", found, 20*time.Millisecond) // one round trip, no failure
	})
}

// Whoever comes while the last token of the bucket is being spent shares what it buys.
func TestLastTokenServesAllWhoCome(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			i := newIssuer(ok(kids("old")))
			s := i.source()
			wantAnswer(t, s, "old", found, 0)
			wantAnswer(t, s, "bogus", unknown, 0)
			i.now(ok(kids("old", "new")))
			var wg sync.WaitGroup
			for range 16 {
				wg.Go(func() { wantAnswer(t, s, "new", found, 0) })
			}
			wg.Wait()
			wantRequests(t, i, 3)
		})
	}
}

func TestB03EmptySetDoesNotBypassTheCooldown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(`{"keys":[]}`))
		s := i.source()
		for n := range 1000 {
			wantAnswer(t, s, fmt.Sprint(n), unavailable, 0)
			time.Sleep(10 * time.Millisecond)
		}
		if got := i.requests(); got > 4 {
			t.Errorf("got %d requests in 10s, want at most 4: the backoff holds", got)
		}
	})
}

// While the issuer hangs, random kids wait for what is under way, and known ones do not.
func TestFloodWhileTheIssuerHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(time.Millisecond)
		i.now(hang)
		var f flood
		f.wg.Go(func() {
			for range 60 {
				wantAnswer(t, s, "a", found, 0)
				time.Sleep(time.Second)
			}
		})
		f.run(s, time.Minute)
		if got := i.requests() - 1; got > bucketSize+6 {
			t.Errorf("got %d fetches in a minute, want at most %d", got, bucketSize+6)
		}
	})
}
