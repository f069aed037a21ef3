package keyset

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// A caller may decide upon a state, and start a flight only after another one has replaced it.
func TestFlightForASupersededStateFetchesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		old := s.state.Load()
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait()
		<-s.takeOff(old, free)
		<-s.takeOff(old, paid)
		wantRequests(t, i, 1)
		if tokens := s.bucket.Tokens(); tokens != bucketSize {
			t.Errorf("got %v tokens left, want %d", tokens, bucketSize)
		}
	})
}

func TestHotPathWhileAFetchIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		i.now(hang)
		time.Sleep(8 * time.Minute)
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait()
		ctx := context.Background()
		if got := testing.AllocsPerRun(100, func() { _, _, _ = s.Key(ctx, "a", true, jws.ES256) }); got != 0 {
			t.Errorf("got %v allocations, want 0: nobody else starts a flight", got)
		}
		time.Sleep(DefaultTimeout) // a bubble must not end before its goroutines
	})
}

func TestKnownKidNeverFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		for range 3000 { // as many tokens with a bad signature: the key is the right one
			wantAnswer(t, s, "a", found, 0)
			time.Sleep(time.Millisecond)
		}
		wantRequests(t, i, 1)
	})
}

func TestB10ThousandFirstRequestsAreOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(after(time.Second, ok(kids("a"))))
		s := i.source()
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() { wantAnswer(t, s, "a", found, time.Second) })
		}
		wg.Wait()
		wantRequests(t, i, 1)
	})
}

func TestB09CancelledCallerHurtsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(after(time.Second, ok(kids("a"))))
		s := i.source()
		first, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			key, _, err := s.Key(first, "a", true, jws.ES256)
			if verdict(key, err) != unavailable || !errors.Is(err, context.Canceled) {
				t.Errorf("first caller: got %v, want unavailable because of its own context", err)
			}
		})
		synctest.Wait()
		for range 19 {
			wg.Go(func() { wantAnswer(t, s, "a", found, time.Second) })
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		wantRequests(t, i, 1)
	})
}

func TestCallerReturnsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(after(time.Second, ok(kids("a"))))
		s := i.source()
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		start := time.Now()
		key, _, err := s.Key(ctx, "a", true, jws.ES256)
		if got := verdict(key, err); got != unavailable || time.Since(start) != 200*time.Millisecond {
			t.Errorf("got %s after %s, want %s at the deadline", got, time.Since(start), unavailable)
		}
		wantAnswer(t, s, "a", found, 800*time.Millisecond) // the fetch went on for the rest
		wantRequests(t, i, 1)
	})
}

// A fetch that began before the token came may have been answered before a rotation: it proves nothing about its kid.
func TestFetchUnderWayIsNoProofOfAbsence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(after(time.Second, ok(kids("old"))))
		s := i.source()
		wantAnswer(t, s, "old", found, time.Second)
		time.Sleep(8 * time.Minute)
		wantAnswer(t, s, "old", found, 0) // starts the fetch in the background
		time.Sleep(500 * time.Millisecond)
		i.now(after(time.Second, ok(kids("old", "new"))))
		wantAnswer(t, s, "new", found, 1500*time.Millisecond)
		wantRequests(t, i, 3)
	})
}

func TestHotPathAllocatesNothing(t *testing.T) {
	s := newIssuer(ok(kids("a"))).source()
	ctx := context.Background()
	got := testing.AllocsPerRun(100, func() {
		if key, _, err := s.Key(ctx, "a", true, jws.ES256); key == nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}

// K11: runtime.Goexit ends a flight without a result and without a panic. The callers must be let go.
func TestK11GoexitIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(func(*http.Request) (*http.Response, error) { runtime.Goexit(); return nil, nil })
		s := i.source()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { wantAnswer(t, s, "a", unavailable, 0) })
		}
		wg.Wait()
		wantRequests(t, i, 1)
		if stats := s.Stats(); stats.Failures != 1 || stats.LastError == "" {
			t.Errorf("got %+v, want one failure told", stats)
		}
		i.now(ok(kids("a")))
		time.Sleep(2 * time.Second)
		wantAnswer(t, s, "a", found, 0)
	})
}

// K11: runtime.Goexit in the Store or a Hook ends that call alone.
func TestK11GoexitInStoreAndHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		store.get = func(context.Context) error { runtime.Goexit(); return nil }
		store.put = store.get
		var j journal
		i := newIssuer(ok(kids("a")))
		o := i.options()
		o.Store, o.Logger = store, j.logger()
		o.Hooks.Fetched = func(Fetched) { runtime.Goexit() }
		s := JWKS(keysURL, o)
		wantAnswer(t, s, "a", found, 0)
		wantAnswer(t, s, "b", unknown, 0)
		synctest.Wait()
		if got := errandGoroutines(); got != 0 {
			t.Errorf("got %d goroutines, want none", got)
		}
		for _, text := range []string{"key store cannot be read", "keys cannot be kept", "trace does not return"} {
			if j.count(text) == 0 {
				t.Errorf("got no line %q", text)
			}
		}
	})
}

// K16: a caller whose context has ended starts no fetch and pays for none.
func TestK16CallerThatIsGoneStartsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		s := i.source()
		gone, cancel := context.WithCancelCause(t.Context())
		why := errors.New("the client left")
		cancel(why)
		ask := func(kid, want string) {
			t.Helper()
			key, _, err := s.Key(gone, kid, true, jws.ES256)
			if got := verdict(key, err); got != want || want == unavailable && !errors.Is(err, why) {
				t.Errorf("kid %q: got %s (%v), want %s", kid, got, err, want)
			}
			synctest.Wait() // for the fetch that must not be
		}
		ask("a", unavailable)
		wantRequests(t, i, 0)
		wantAnswer(t, s, "a", found, 0)
		ask("a", found) // from memory
		ask("x", unavailable)
		wantRequests(t, i, 1)
		if tokens := s.bucket.Tokens(); tokens != bucketSize {
			t.Errorf("got %v tokens left, want %d", tokens, bucketSize)
		}
	})
}

// K20: the instant that Key returns is the one after the wait, also where ctx ended it.
func TestK20InstantAfterTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		loaded := i.source()
		wantAnswer(t, loaded, "a", found, 0)
		i.now(hang)
		for name, s := range map[string]*remote{"nothing loaded": i.source(), "unknown kid": loaded} {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			_, answered, err := s.Key(ctx, "x", true, jws.ES256)
			if err == nil || !answered.Equal(time.Now()) {
				t.Errorf("%s: got %v as of %s, want the end of the wait, %s", name, err, answered, time.Now())
			}
			cancel()
		}
		time.Sleep(DefaultTimeout)
	})
}
