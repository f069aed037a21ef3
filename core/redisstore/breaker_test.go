package redisstore_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/redisstore"
)

// fake is a Redis that answers as it is told, and counts its calls.
type fake struct {
	mu     sync.Mutex // guards answer
	answer func(ctx context.Context) (any, error)
	calls  atomic.Int64
}

func (f *fake) now(answer func(ctx context.Context) (any, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

func (f *fake) do(ctx context.Context, _ ...any) (any, error) {
	f.calls.Add(1)
	f.mu.Lock()
	answer := f.answer
	f.mu.Unlock()
	return answer(ctx)
}

func ok(context.Context) (any, error) { return "OK", nil }

func dead(context.Context) (any, error) { return nil, errors.New("connection refused") }

func frozen(ctx context.Context) (any, error) { <-ctx.Done(); return nil, ctx.Err() }

func deaf(context.Context) (any, error) { time.Sleep(time.Hour); return "OK", nil }

func bursting(context.Context) (any, error) { panic("client") }

func hollow(context.Context) (any, error) { runtime.Goexit(); return nil, nil }

// A call ends with its ctx and after 2 s at most, whatever the client does.
func TestCallsAreBounded(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer func(context.Context) (any, error)
		limit  time.Duration // of the caller; 0: none
		waits  time.Duration
		want   string
	}{
		{"good", ok, 0, 0, ""},
		{"dead", dead, 0, 0, "connection refused"},
		{"frozen", frozen, 0, 2 * time.Second, "deadline"},
		{"frozen, and the caller in a hurry", frozen, 100 * time.Millisecond, 100 * time.Millisecond, "deadline"},
		{"deaf to its ctx", deaf, 0, 2 * time.Second, "no answer"},
		{"deaf, and the caller in a hurry", deaf, 100 * time.Millisecond, 100 * time.Millisecond, "no answer"},
		{"panics", bursting, 0, 0, "panic"},
		{"ends its goroutine", hollow, 0, 0, "Goexit"},
		{"a reply of another kind", func(context.Context) (any, error) { return 1.5, nil }, 0, 0, "float64"},
		{"another status", func(context.Context) (any, error) { return "QUEUED", nil }, 0, 0, "QUEUED"},
		{"octets", func(context.Context) (any, error) { return []byte("OK"), nil }, 0, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: test.answer}
				store := redisstore.Redis(f.do).Replays("p:")
				ctx := context.Background()
				if test.limit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.limit)
					defer cancel()
				}
				start := time.Now()
				first, err := store.Claim(ctx, "k", time.Minute)
				if waited := time.Since(start); waited != test.waits {
					t.Errorf("got a wait of %v, want %v", waited, test.waits)
				}
				if test.want == "" && (!first || err != nil) || test.want != "" && (first || err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("got %t, %v, want %q", first, err, test.want)
				}
				time.Sleep(time.Hour) // what hangs ends
			})
		})
	}
	if _, err := redisstore.Redis(nil).Replays("").Claim(t.Context(), "k", time.Minute); err == nil {
		t.Error("a nil Redis: got no error, want one")
	}
}

// After a failure all are refused at once for a second; then one tries.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: dead}
		store := redisstore.Redis(f.do).Replays("p:")
		claim := func() error { _, err := store.Claim(t.Context(), "k", time.Minute); return err }
		for range 100 {
			if claim() == nil {
				t.Fatal("got no error, want one")
			}
		}
		if got := f.calls.Load(); got != 1 {
			t.Errorf("got %d calls in the first second, want 1", got)
		}
		f.now(frozen)
		time.Sleep(1300 * time.Millisecond)
		var group sync.WaitGroup
		var slow atomic.Int64
		for range 100 {
			group.Go(func() {
				start := time.Now()
				if claim() == nil {
					t.Error("got no error, want one")
				}
				if time.Since(start) > 0 {
					slow.Add(1)
				}
			})
		}
		group.Wait()
		if got := f.calls.Load(); got != 2 || slow.Load() != 1 {
			t.Errorf("got %d calls and %d that waited, want one probe", got-1, slow.Load())
		}
		f.now(ok)
		time.Sleep(1300 * time.Millisecond)
		for range 100 {
			if err := claim(); err != nil {
				t.Errorf("after recovery: got %v, want none", err)
			}
		}
	})
}

// The pause follows the outage, between a second and half a minute.
func TestBreakerPauses(t *testing.T) {
	for _, test := range []struct {
		outage time.Duration
		within time.Duration // after the server is back
		most   int64         // calls during the outage
	}{
		{time.Second, 1250 * time.Millisecond, 2},
		{time.Minute, 6100 * time.Millisecond, 45},
		{80 * time.Second, 8100 * time.Millisecond, 48},
		{time.Hour, 30 * time.Second, 240},
	} {
		t.Run(test.outage.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: dead}
				store := redisstore.Redis(f.do).Replays("p:")
				claim := func() error { _, err := store.Claim(t.Context(), "k", time.Minute); return err }
				for began := time.Now(); time.Since(began) < test.outage; time.Sleep(50 * time.Millisecond) {
					if claim() == nil {
						t.Fatal("got no error, want one")
					}
				}
				if got := f.calls.Load(); got > test.most {
					t.Errorf("got %d calls, want at most %d", got, test.most)
				}
				f.now(ok)
				back := time.Now()
				for claim() != nil {
					time.Sleep(10 * time.Millisecond)
				}
				if waited := time.Since(back); waited > test.within {
					t.Errorf("got an answer %v after the server was back, want it within %v", waited, test.within)
				}
			})
		})
	}
}

// A client that hangs up, or had no time, says nothing about the server.
func TestCallersWhoLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(ctx context.Context) (any, error) {
			select {
			case <-time.After(50 * time.Millisecond):
				return "OK", nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		f := &fake{answer: slow}
		store := redisstore.Redis(f.do).Replays("p:")
		for range 50 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			if _, err := store.Claim(ctx, "k", time.Minute); err == nil {
				t.Fatal("got no error, want one")
			}
			cancel()
			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(20*time.Millisecond, cancel)
			if _, err := store.Claim(ctx, "k", time.Minute); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want the context's error", err)
			}
		}
		if first, err := store.Claim(t.Context(), "k", time.Minute); !first || err != nil {
			t.Errorf("got %t, %v, want an answer", first, err)
		}
		// Also a probe that its caller leaves: the next one tries.
		f.now(dead)
		_, _ = store.Claim(t.Context(), "k", time.Minute)
		f.now(slow)
		time.Sleep(2 * time.Second)
		gone, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, _ = store.Claim(gone, "k", time.Minute)
		if first, err := store.Claim(t.Context(), "k", time.Minute); !first || err != nil {
			t.Errorf("after a probe whose caller left: got %t, %v, want an answer", first, err)
		}
	})
}

// A client that never returns holds a bounded number of goroutines.
func TestHangingCallsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := &fake{answer: func(context.Context) (any, error) { <-release; return "OK", nil }}
		store := redisstore.Redis(f.do).Replays("p:")
		var group sync.WaitGroup
		for range 5000 {
			group.Go(func() {
				start := time.Now()
				if _, err := store.Claim(t.Context(), "k", time.Minute); err == nil || time.Since(start) > 2*time.Second {
					t.Errorf("got %v after %v, want an error within 2s", err, time.Since(start))
				}
			})
		}
		group.Wait()
		if got := f.calls.Load(); got > 1024 {
			t.Errorf("got %d calls that hang, want at most 1024", got)
		}
		close(release)
	})
}
