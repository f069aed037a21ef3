package keyset

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// errandGoroutines counts this bubble's goroutines that are about the log, the Hooks and the Store. runtime.NumGoroutine would
// count those of a test before that are not quite gone.
func errandGoroutines() (n int) {
	text := make([]byte, 1<<20)
	stacks := strings.Split(string(text[:runtime.Stack(text, true)]), "\n\n")
	bubble := regexp.MustCompile(`synctest bubble \d+\b`).FindString(stacks[0]) // which is the caller's own
	if bubble == "" {
		panic("errandGoroutines outside of a bubble would count those of other tests")
	}
	for _, stack := range stacks {
		head, frames, _ := strings.Cut(stack, "\n")
		ours := strings.Contains(frames, "keyset.(*foreign).call.func") || strings.Contains(frames, "keyset.(*errands).run(")
		if ours && strings.Contains(head+" ", bubble+"]") {
			n++
		}
	}
	return n
}

// stuckStore ignores its contexts: a call that is told to hang ends when the test lets it.
type stuckStore struct {
	gets, puts       atomic.Int64 // calls
	hangGet, hangPut bool
	release          chan struct{}
}

func (s *stuckStore) Get(context.Context, string) ([]byte, error) {
	s.gets.Add(1)
	if s.hangGet {
		<-s.release
	}
	return nil, nil
}

func (s *stuckStore) Put(context.Context, string, []byte) error {
	s.puts.Add(1)
	if s.hangPut {
		<-s.release
	}
	return nil
}

// K2: a Store that hangs delays the first fetch by its own short deadline, and no later one.
func TestK2StoreThatHangsDelaysTheFirstFetchAlone(t *testing.T) {
	heeding := newMemory()
	heeding.get = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, store := range map[string]Store{"heeds its context": heeding, "ignores it": &stuckStore{hangGet: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stuck, ignores := store.(*stuckStore)
				if ignores {
					stuck.release = make(chan struct{})
					defer close(stuck.release)
				}
				// The fetch has its whole time after that.
				i := newIssuer(after(DefaultTimeout-1, ok(kids("a"))))
				s := restarted(i, store)
				wantAnswer(t, s, "a", found, storeTimeout+DefaultTimeout-1)

				i = newIssuer(after(time.Second, broken))
				s = restarted(i, store)
				wantAnswer(t, s, "a", unavailable, storeTimeout+time.Second)
				time.Sleep(2 * time.Second)
				waits := time.Second
				if !ignores {
					waits += storeTimeout
				}
				wantAnswer(t, s, "a", unavailable, waits) // a call that hangs is not made again
				if ignores && stuck.gets.Load() != 2 {
					t.Errorf("got %d calls of two sources, want 2", stuck.gets.Load())
				}
			})
		})
	}
}

// K3: a Put that does not return holds neither a caller nor the next fetch.
func TestK3PutThatHangsHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &stuckStore{hangPut: true, release: make(chan struct{})}
		var j journal
		i := newIssuer(ok(kids("a")))
		o := i.options()
		o.Store, o.Logger = store, j.logger()
		s := JWKS(keysURL, o)
		for n := range 10 {
			wantAnswer(t, s, "a", found, 0)
			synctest.Wait()
			wantRequests(t, i, n+1)
			time.Sleep(9 * time.Minute)
		}
		if got := store.puts.Load(); got != 1 {
			t.Errorf("got %d calls of Put, want 1 while it hangs", got)
		}
		if got := errandGoroutines(); got != 1 {
			t.Errorf("got %d goroutines, want the one that hangs", got)
		}
		if got := j.count("keys cannot be kept"); got != 2 {
			t.Errorf("got %d lines, want 2: the call that was abandoned, and that no other follows", got)
		}
		close(store.release)
		synctest.Wait()
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait()
		if got := store.puts.Load(); got != 2 || errandGoroutines() != 0 {
			t.Errorf("got %d calls of Put and %d goroutines, want 2 and none once it returned", got, errandGoroutines())
		}
	})
}

// hanging is a Logger's handler that does not return before the test lets it.
type hanging struct {
	release chan struct{}
	calls   *atomic.Int64
}

func (hanging) Enabled(context.Context, slog.Level) bool { return true }
func (h hanging) WithAttrs([]slog.Attr) slog.Handler     { return h }
func (h hanging) WithGroup(string) slog.Handler          { return h }
func (h hanging) Handle(context.Context, slog.Record) error {
	h.calls.Add(1)
	<-h.release
	return nil
}

// K3: nor does a Hook or a Logger that does not return.
func TestK3HooksAndLoggerThatHangHoldNothing(t *testing.T) {
	for _, kind := range []string{"Logger", "Fetched", "Changed", "State"} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				calls := make(map[string]*atomic.Int64)
				call := func(name string) {
					calls[name].Add(1)
					if name == kind {
						<-release
					}
				}
				for _, name := range []string{"Logger", "Fetched", "Changed", "State"} {
					calls[name] = new(atomic.Int64)
				}
				i := newIssuer(nil)
				o := i.options()
				o.Hooks = Hooks{
					Fetched: func(Fetched) { call("Fetched") },
					Changed: func(Changed) { call("Changed") },
					State:   func(string, string) { call("State") },
				}
				if kind == "Logger" {
					o.Logger = slog.New(hanging{release, calls["Logger"]})
				}
				s := JWKS(keysURL, o)
				for n := range 10 {
					kid := fmt.Sprint(n)
					i.now(ok(kids(kid)))
					wantAnswer(t, s, kid, found, 0)
					synctest.Wait()
					time.Sleep(11 * time.Minute)
				}
				wantRequests(t, i, 10)
				for name, got := range calls {
					want := map[string]int64{"Fetched": 10, "Changed": 10, "State": 19}[name]
					if name == kind {
						want = 1
					}
					if got.Load() != want {
						t.Errorf("got %d calls of %s, want %d", got.Load(), name, want)
					}
				}
				if got := errandGoroutines(); got != 1 {
					t.Errorf("got %d goroutines, want the one that hangs", got)
				}
				close(release)
				synctest.Wait()
				if got := errandGoroutines(); got != 0 {
					t.Errorf("got %d goroutines after the release, want none", got)
				}
			})
		})
	}
}

// K3: a key file has no flight: the request that looks at it must not wait for the Hooks either.
func TestK3HookOfAFileThatHangsHoldsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := File(path, Options{Hooks: Hooks{Fetched: func(Fetched) { <-release }}})
		for _, kid := range []string{"a", "b", "c"} {
			wantAnswer(t, s, kid, unavailable, 0)
			edit(t, path, kids(kid))
			time.Sleep(fileLook)
			wantAnswer(t, s, kid, found, 0)
			edit(t, path, "")
			time.Sleep(fileLook)
		}
		if got := errandGoroutines(); got != 1 {
			t.Errorf("got %d goroutines, want the one that hangs", got)
		}
		close(release)
	})
}

// K3: what waits is bounded, however slow the user's code is.
func TestK3ErrandsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e errands
		release := make(chan struct{})
		var ran []int // without a lock: the race detector sees two at a time
		for n := range 10 * maxErrands {
			e.add(func() {
				<-release
				ran = append(ran, n)
			})
			synctest.Wait()
		}
		close(release)
		synctest.Wait()
		if len(ran) != maxErrands+1 || !slices.IsSorted(ran) {
			t.Errorf("got %v, want the first %d in order", ran, maxErrands+1)
		}
	})
}
