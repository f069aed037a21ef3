package keyset

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

// By the real clock, an answer is older than that before anybody sees it.
func TestMaxAgeOfANanosecondServes(t *testing.T) {
	i := newIssuer(status(200, kids("a"))) // says nothing about its age
	o := i.options()
	o.MaxAge = time.Nanosecond
	s := JWKS(keysURL, o)
	for range 100 {
		if got, _ := ask(s, "a"); got != found {
			t.Fatalf("got %s, want %s", got, found)
		}
	}
}

func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(broken)
		s := i.source()
		if _, down := errors.AsType[*UnavailableError](s.Ready(t.Context())); !down {
			t.Error("issuer down: got no *UnavailableError, want one")
		}
		time.Sleep(2 * time.Second)
		i.now(after(time.Second, ok(kids("a"))))
		start := time.Now()
		if err := s.Ready(t.Context()); err != nil || time.Since(start) != time.Second {
			t.Errorf("got %v after %s, want keys after 1s", err, time.Since(start))
		}
		i.now(broken)
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(9 * time.Minute)
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("refresh ahead: got %v, want ready", err)
		}
		time.Sleep(30 * time.Minute)
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("stale: got %v, want ready", err)
		}
		time.Sleep(2 * time.Hour)
		if _, down := errors.AsType[*UnavailableError](s.Ready(t.Context())); !down {
			t.Error("expired: got no *UnavailableError, want one")
		}
	})
}

func TestStatsTellTheTruth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		i := newIssuer(ok(setText(jwkText(ecMembers("a")), jwkText(rsaMembers("e"), "use", "enc"))))
		s := i.source()
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(5 * time.Minute)
		i.now(broken)
		wantAnswer(t, s, "x", unavailable, 0)
		stats := s.Stats()
		want := Stats{
			State: StateFresh, Keys: 1, Age: 5 * time.Minute, MaxAge: 10 * time.Minute, MaxStale: DefaultMaxStale,
			LastError: `fetch "` + keysURL + `": connection refused`, Fetches: 2, Failures: 1,
			LastSuccess: start, LastFailure: start.Add(5 * time.Minute),
		}
		if stats.Skipped[causeUse] != 1 {
			t.Errorf("got skipped %v, want one for its use", stats.Skipped)
		}
		stats.Skipped = nil
		if fmt.Sprint(stats) != fmt.Sprint(want) {
			t.Errorf("got  %v\nwant %v", stats, want)
		}
	})
}

// D03: the wall clock may jump either way; what counts is the monotonic reading of every instant.
func TestD03InstantsAreMonotonic(t *testing.T) {
	i := newIssuer(ok(kids("a")))
	s := i.source()
	if got, _ := ask(s, "a"); got != found {
		t.Fatalf("got %s, want %s", got, found)
	}
	good := s.state.Load()
	i.now(status(503, "", "Retry-After", "30"))
	if got, _ := ask(s, "x"); got != unavailable {
		t.Fatalf("got %s, want %s", got, unavailable)
	}
	bad := s.state.Load()
	for name, instant := range map[string]time.Time{
		"loaded": good.loaded, "refreshAt": good.refreshAt, "freshUntil": good.freshUntil, "endAt": good.endAt,
		"retryAt": bad.retryAt, "heldUntil": bad.heldUntil,
	} {
		if instant == instant.Round(0) { // Round strips the monotonic reading
			t.Errorf("%s has no monotonic reading", name)
		}
	}
}

func TestNegativeMaxStaleServesNothingStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		o := i.options()
		o.MaxStale = -1
		s := JWKS(keysURL, o)
		wantAnswer(t, s, "a", found, 0)
		i.now(broken)
		time.Sleep(10 * time.Minute)
		wantAnswer(t, s, "a", unavailable, 0)
	})
}

func TestJitterOfSilentAnswers(t *testing.T) {
	ages := make(map[time.Duration]bool)
	for range 20 {
		s := newIssuer(status(200, kids("a"))).source()
		_, _ = ask(s, "a")
		age := s.Stats().MaxAge
		if age < 9*time.Minute || age > 11*time.Minute {
			t.Errorf("got max age %s, want 10m give or take one", age)
		}
		ages[age] = true
	}
	if len(ages) < 2 {
		t.Error("got no jitter")
	}
}

func TestUnavailableError(t *testing.T) {
	cause := errors.New("why")
	err := fmt.Errorf("core: %w", &UnavailableError{RetryAfter: time.Second, Err: cause})
	if !errors.Is(err, cause) || err.Error() != "core: keys unavailable: why" {
		t.Errorf("got %q, want the cause in it", err)
	}
}

// K15: the longest durations add up to no instant in the past.
func TestK15LongDurationsDoNotOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const longest = time.Duration(math.MaxInt64)
		store := newMemory()
		i := newIssuer(status(200, kids("a")))
		o := i.options()
		o.MaxAge, o.MaxStale, o.Cooldown, o.Timeout, o.MaxBytes = longest, longest, longest, longest, math.MaxInt64
		o.Store = store
		s := JWKS(keysURL, o)
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(time.Hour)
		wantAnswer(t, s, "a", found, 0)
		wantState(t, s, StateFresh)
		wantRequests(t, i, 1)
		for _, kid := range []string{"b", "c", "d"} {
			wantAnswer(t, s, kid, unknown, 0)
		}
		wantRequests(t, i, 1+bucketSize)
		synctest.Wait()

		i.now(broken)
		time.Sleep(30 * time.Hour)
		warm := JWKS(keysURL, o)
		wantAnswer(t, warm, "a", found, 0)
		time.Sleep(24 * time.Hour)
		wantAnswer(t, warm, "a", unavailable, 0)
	})
}
