package revoke_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/revoke"
)

var entry = func() revoke.Entry {
	return revoke.Entry{Issuer: issuer, ID: "t1", Until: time.Now().Add(time.Hour)}
}

// Two replicas share a Log: what one revokes the other sees within MaxAge.
func TestL1SeenWithinMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFaulty()
		here, there := mustList(t, revoke.Config{Log: log}), mustList(t, revoke.Config{Log: log})
		c := token(t, nil)
		wantVerdict(t, here, c, passes, 0)
		wantVerdict(t, there, c, passes, 0)
		time.Sleep(time.Second)
		if err := here.Add(t.Context(), entry()); err != nil {
			t.Fatal(err)
		}
		wantVerdict(t, here, c, revoked, 0)
		wantVerdict(t, there, c, passes, 0)
		time.Sleep(4 * time.Second)
		wantVerdict(t, there, c, revoked, 0)
	})
}

// Below 80 % of MaxAge nobody reads; from there one request does, and none waits.
func TestL2ReadsRideOnRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFaulty()
		log.now(func(context.Context) error { time.Sleep(500 * time.Millisecond); return nil })
		l, c := mustList(t, revoke.Config{Log: log, MaxAge: 10 * time.Second}), token(t, nil)
		var group sync.WaitGroup
		for range 100 {
			group.Go(func() { wantVerdict(t, l, c, passes, 500*time.Millisecond) })
		}
		group.Wait()
		if got := log.calls(); got != 1 {
			t.Errorf("got %d reads for 100 first requests, want 1", got)
		}
		time.Sleep(7500*time.Millisecond - 1)
		wantVerdict(t, l, c, passes, 0)
		synctest.Wait()
		if got := log.calls(); got != 1 {
			t.Errorf("got %d reads below 80 %% of MaxAge, want 1", got)
		}
		time.Sleep(time.Nanosecond)
		for range 100 {
			wantVerdict(t, l, c, passes, 0)
		}
		synctest.Wait()
		time.Sleep(time.Second)
		if got := log.calls(); got != 2 {
			t.Errorf("got %d reads from 80 %% of MaxAge on, want 2", got)
		}
		time.Sleep(5 * time.Hour) // silence is no failure
		wantVerdict(t, l, c, passes, 500*time.Millisecond)
	})
}

// An outage, by what the Log does: how long a request waits at most, and what it gets.
func TestL3Outage(t *testing.T) {
	release := make(chan struct{})
	for _, test := range []struct {
		name  string
		since func(context.Context) error
		waits time.Duration
	}{
		{"dead", broken, 0},
		{"frozen", frozen, 2 * time.Second},
		{"ignores its ctx", func(context.Context) error { <-release; return nil }, 2 * time.Second},
		{"panics", bursting, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release = make(chan struct{})
				log := newFaulty()
				l := mustList(t, revoke.Config{Log: log})
				out, in := token(t, nil), token(t, map[string]any{"jti": "t2"})
				if err := l.Add(t.Context(), entry()); err != nil {
					t.Fatal(err)
				}
				wantVerdict(t, l, in, passes, 0)
				began := time.Now()
				log.now(test.since)
				time.Sleep(6 * time.Second)
				for time.Since(began) < 62*time.Second { // the minute of MaxStale
					start := time.Now()
					if got := verdict(l, in); got != passes {
						t.Fatalf("after %v: got %s, want %s", time.Since(began), got, passes)
					}
					if waited := time.Since(start); waited > test.waits {
						t.Fatalf("got a wait of %v, want at most %v", waited, test.waits)
					}
					time.Sleep(300 * time.Millisecond)
				}
				if got := log.calls(); got > 62 {
					t.Errorf("got %d reads in a minute of failure, want one a second", got)
				}
				time.Sleep(5 * time.Second)
				if got := verdict(l, in); got != unknown {
					t.Errorf("past MaxStale: got %s, want %s", got, unknown)
				}
				if got := verdict(l, out); got != revoked {
					t.Errorf("a revoked token past MaxStale: got %s, want %s", got, revoked)
				}
				log.now(nil)
				close(release)
				time.Sleep(2 * time.Second)
				wantVerdict(t, l, in, passes, 0)
			})
		})
	}
}

func TestL4NeverLoaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFaulty()
		log.now(frozen)
		l, c := mustList(t, revoke.Config{Log: log}), token(t, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		if got, waited := verdictOf(l.Revoked(ctx, c)), time.Since(start); got != unknown || waited != 100*time.Millisecond {
			t.Errorf("got %s after %v, want %s after the request's own 100ms", got, waited, unknown)
		}
		if _, err := l.Revoked(ctx, c); err == nil || !strings.Contains(err.Error(), "got no answer from its log in time") {
			t.Errorf("got %v, want an error that says so", err)
		}
		time.Sleep(5 * time.Second)
		wantVerdict(t, l, c, unknown, 2*time.Second)
		wantVerdict(t, l, c, unknown, 0)
		log.now(broken)
		time.Sleep(2 * time.Second)
		if _, err := l.Revoked(t.Context(), c); err == nil || !strings.Contains(err.Error(), "not available: connection refused") {
			t.Errorf("got %v, want the log's error", err)
		}
	})
}

// A caller who has left starts no read.
func TestL17CallerHasLeft(t *testing.T) {
	log := newFaulty()
	l, c := mustList(t, revoke.Config{Log: log}), token(t, nil)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if got := verdictOf(l.Revoked(gone, c)); got != unknown || log.calls() != 0 {
		t.Errorf("got %s after %d reads, want %s after none", got, log.calls(), unknown)
	}
}

// The last list serves until MaxAge and MaxStale are over, and not a moment longer.
func TestL16EndOfMaxStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFaulty()
		l, c := mustList(t, revoke.Config{Log: log}), token(t, nil)
		wantVerdict(t, l, c, passes, 0)
		log.now(broken)
		time.Sleep(65*time.Second - 1)
		wantVerdict(t, l, c, passes, 0)
		time.Sleep(time.Nanosecond)
		wantVerdict(t, l, c, unknown, 0)
	})
}

func TestL5FullRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := revoke.Memory()
		here, there := mustList(t, revoke.Config{Log: log, Max: 2}), mustList(t, revoke.Config{Log: log, Max: 2})
		one := func(id string, life time.Duration) revoke.Entry {
			return revoke.Entry{Issuer: issuer, ID: id, Until: time.Now().Add(life)}
		}
		if err := here.Add(t.Context(), one("a", time.Minute), one("b", time.Hour)); err != nil {
			t.Fatal(err)
		}
		wantVerdict(t, here, token(t, nil), passes, 0)
		if err := here.Add(t.Context(), one("c", time.Hour)); err == nil {
			t.Error("Add beyond Max: got no error, want one")
		}
		for _, l := range []*revoke.List{here, there} {
			wantVerdict(t, l, token(t, nil), unknown, 0)
		}
		wantVerdict(t, here, token(t, map[string]any{"jti": "a"}), revoked, 0)
		time.Sleep(time.Minute) // a has ended
		for _, l := range []*revoke.List{here, there} {
			wantVerdict(t, l, token(t, nil), passes, 0)
			wantVerdict(t, l, token(t, map[string]any{"jti": "c"}), revoked, 0)
		}
	})
}

func TestL6AddIsBounded(t *testing.T) {
	for _, test := range []struct {
		name string
		add  func(context.Context) error
		took time.Duration
		want string
	}{
		{"frozen", frozen, 2 * time.Second, "deadline exceeded"},
		{"deaf", func(context.Context) error { time.Sleep(time.Minute); return nil }, 2 * time.Second, "got no answer in time"},
		{"broken", broken, 0, "revocation log: connection refused"},
		{"panics", bursting, 0, `panic: "log"`},
		{"ends its goroutine", func(context.Context) error { runtime.Goexit(); return nil }, 0, "runtime.Goexit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := newFaulty()
				log.add = test.add
				l := mustList(t, revoke.Config{Log: log})
				start := time.Now()
				err := l.Add(context.Background(), entry())
				if took := time.Since(start); err == nil || !strings.Contains(err.Error(), test.want) || took != test.took {
					t.Errorf("got %v after %v, want %q after %v", err, took, test.want, test.took)
				}
				if err := l.Add(context.Background()); err != nil {
					t.Errorf("nothing to add: got %v, want no call of the Log", err)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

// The list under load: readers, writers and reads at once, and no wrong verdict.
func TestL8Concurrent(t *testing.T) {
	log := revoke.Memory()
	lists := make([]*revoke.List, 3)
	for i := range lists {
		lists[i] = mustList(t, revoke.Config{Log: log, MaxAge: time.Second})
	}
	until := time.Now().Add(time.Hour)
	innocent := token(t, map[string]any{"jti": "innocent"})
	var group sync.WaitGroup
	for i, l := range lists {
		group.Go(func() {
			for n := range 300 {
				id := fmt.Sprintf("%d-%d", i, n)
				if err := l.Add(t.Context(), revoke.Entry{Issuer: issuer, ID: id, Until: until}); err != nil {
					t.Error(err)
				}
				if got := verdict(l, token(t, map[string]any{"jti": id})); got != revoked {
					t.Errorf("%s: got %s, want it revoked at once where it was added", id, got)
				}
			}
		})
		group.Go(func() {
			for range 3000 {
				if got := verdict(l, innocent); got != passes {
					t.Errorf("got %s for a token that nobody revoked, want it to pass", got)
				}
			}
		})
	}
	group.Wait()
}
