package core_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// step is one request on the way through an hour.
type step struct {
	name  string
	after time.Duration
	do    func()
	want  core.Reason
	calls int // in all
}

func (s *askStage) run(t *testing.T, token string, steps []step) {
	t.Helper()
	for _, step := range steps {
		time.Sleep(step.after)
		if step.do != nil {
			step.do()
		}
		got, _ := s.verify(t, token)
		if got != step.want || s.Introspections() != step.calls {
			t.Errorf("%s: got %q after %d calls, want %q after %d", step.name, got, s.Introspections(), step.want, step.calls)
		}
	}
}

// I10: how long an answer serves.
func TestIntrospectionRemembers(t *testing.T) {
	aged := func(d time.Duration) func(*core.Config, *core.Introspection) {
		return func(_ *core.Config, i *core.Introspection) { i.MaxAge = d }
	}
	for _, test := range []struct {
		name   string
		edit   func(*core.Config, *core.Introspection)
		claims map[string]any
		steps  func(s *askStage, token string) []step
	}{
		{"by default each request asks", nil, nil, func(s *askStage, token string) []step {
			return []step{
				{"first", 0, nil, "", 1}, {"second", 0, nil, "", 2},
				{"revoked", 0, func() { s.Revoke(token) }, core.ReasonInactive, 3},
				{"inactive, remembered", 9 * time.Second, nil, core.ReasonInactive, 3},
				{"inactive, asked anew", time.Second, nil, core.ReasonInactive, 4},
			}
		}},
		{"MaxAge", aged(10 * time.Second), nil, func(s *askStage, token string) []step {
			return []step{
				{"first", 0, nil, "", 1}, {"remembered", 10*time.Second - 1, nil, "", 1}, {"too old", 1, nil, "", 2},
				{"revoked, remembered", time.Second, func() { s.Revoke(token) }, "", 2},
				{"revoked", 9 * time.Second, nil, core.ReasonInactive, 3},
			}
		}},
		{"never past its exp", aged(time.Hour), map[string]any{"exp": time.Date(2000, 1, 1, 0, 1, 0, 0, time.UTC)}, func(s *askStage, token string) []step {
			return []step{
				{"first", 0, nil, "", 1}, {"a moment before", time.Minute - 1, nil, "", 1},
				{"within the leeway, asked anew", 1, nil, "", 2}, {"and again", 0, nil, "", 3},
				{"past the leeway", 30 * time.Second, nil, core.ReasonExpired, 4},
			}
		}},
		{"an outage serves no longer", aged(10 * time.Second), nil, func(s *askStage, token string) []step {
			return []step{
				{"first", 0, nil, "", 1},
				{"down, remembered", 5 * time.Second, func() { s.Misbehave(jwttest.Fail(503), jwttest.Introspection) }, "", 1},
				{"a moment before", 5*time.Second - 1, nil, "", 1},
				{"too old", 1, nil, core.ReasonIntrospectionUnavailable, 2},
				{"it rests", 0, nil, core.ReasonIntrospectionUnavailable, 2},
				{"up, and it still rests", 0, func() { s.Recover() }, core.ReasonIntrospectionUnavailable, 2},
				{"asked anew", 2 * time.Second, nil, "", 3},
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newAskStage(t, test.edit)
				token := s.Opaque(test.claims)
				s.run(t, token, test.steps(s, token))
			})
		})
	}
}

// I11: a Max of answers, and no more.
func TestIntrospectionForgetsTheOldest(t *testing.T) {
	s := newAskStage(t, func(_ *core.Config, i *core.Introspection) { i.MaxAge, i.Max = time.Hour, 2 })
	one, two, three := s.Opaque(nil), s.Opaque(nil), s.Opaque(nil)
	large := s.Opaque(map[string]any{"x": strings.Repeat("x", 16<<10)})
	for n, row := range []struct {
		token string
		calls int
	}{{one, 1}, {two, 2}, {one, 2}, {three, 3}, {one, 3}, {two, 4}, {large, 5}, {large, 6}, {two, 6}} {
		if got, _ := s.verify(t, row.token); got != "" || s.Introspections() != row.calls {
			t.Errorf("request %d: got %q after %d calls, want it to pass after %d", n, got, s.Introspections(), row.calls)
		}
	}
	if got := s.verifier.Stats()[0].Introspection; got.Remembered != 2 || got.Calls != 6 || got.Failures != 0 || got.LastError != "" {
		t.Errorf("got %+v, want 2 answers of 6 calls", got)
	}
}

// I12: the same token at once is one call, and one who leaves takes nobody along.
func TestIntrospectionIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newAskStage(t, nil)
		s.Misbehave(jwttest.Delay(time.Second), jwttest.Introspection)
		token := s.Opaque(nil)
		leaving, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		first := make(chan struct{})
		all.Go(func() {
			close(first)
			_, err := s.verifier.Verify(leaving, token)
			if refusal := core.RefusalOf(err); refusal == nil || refusal.Reason != core.ReasonIntrospectionUnavailable {
				t.Errorf("got %v for who leaves, want introspection_unavailable", err)
			}
		})
		<-first
		synctest.Wait()
		for range 200 {
			all.Go(func() {
				if got, _ := s.verify(t, token); got != "" {
					t.Errorf("got %q, want it to pass", got)
				}
			})
		}
		time.Sleep(time.Second / 2)
		leave()
		all.Wait()
		if got := s.Introspections(); got != 1 {
			t.Errorf("got %d calls, want 1", got)
		}
		if _, err := s.verifier.Verify(leaving, s.Opaque(nil)); reasonOf(err) != core.ReasonIntrospectionUnavailable || s.Introspections() != 1 {
			t.Errorf("got %v after %d calls for who is gone, want no call", err, s.Introspections())
		}
	})
}

// I13: 64 calls at a time. The next waits for its turn, as long as its request does, and 5 s at most.
func TestIntrospectionCallsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newAskStage(t, nil)
		s.Misbehave(jwttest.Delay(2*time.Second), jwttest.Introspection)
		start := time.Now()
		took := make([]time.Duration, 128)
		var all sync.WaitGroup
		for n := range took {
			all.Go(func() {
				if got, _ := s.verify(t, s.Opaque(nil)); got != "" {
					t.Errorf("got %q, want it to pass", got)
				}
				took[n] = time.Since(start)
			})
		}
		synctest.Wait()
		all.Go(func() { // its turn comes after 4 s, and the answer would come after 6
			if got, _ := s.verify(t, s.Opaque(nil)); got != core.ReasonIntrospectionUnavailable || time.Since(start) != 5*time.Second {
				t.Errorf("got %q after %v, want it refused after 5 s", got, time.Since(start))
			}
		})
		time.Sleep(time.Second)
		if got := s.Introspections(); got != 64 {
			t.Errorf("got %d calls at a time, want 64", got)
		}
		all.Go(func() {
			brief, cancel := context.WithTimeout(t.Context(), time.Second/2)
			defer cancel()
			_, err := s.verifier.Verify(brief, s.Opaque(nil))
			if reasonOf(err) != core.ReasonIntrospectionUnavailable || time.Since(start) != time.Second*3/2 {
				t.Errorf("got %v after %v, want it refused at its own deadline", err, time.Since(start))
			}
		})
		all.Wait()
		counts := map[time.Duration]int{}
		for _, d := range took {
			counts[d]++
		}
		if counts[2*time.Second] != 64 || counts[4*time.Second] != 64 {
			t.Errorf("got %v, want 64 after 2 s and the next after 4 s", counts)
		}
		time.Sleep(5 * time.Second) // the call of who left is its own
	})
}

// I14: an endpoint that hangs holds nobody for longer than 5 s, and then nobody at all.
func TestIntrospectionThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newAskStage(t, nil)
		s.Misbehave(jwttest.Hang(), jwttest.Introspection)
		ask := func(want time.Duration) {
			t.Helper()
			start := time.Now()
			if got, _ := s.verify(t, s.Opaque(nil)); got != core.ReasonIntrospectionUnavailable || time.Since(start) != want {
				t.Errorf("got %q after %v, want introspection_unavailable after %v", got, time.Since(start), want)
			}
		}
		var all sync.WaitGroup
		for range 300 {
			all.Go(func() { ask(5 * time.Second) })
		}
		all.Wait()
		before := s.Introspections()
		for range 100 {
			ask(0)
		}
		time.Sleep(2 * time.Second)
		all.Go(func() { ask(5 * time.Second) }) // the one that tries for all
		synctest.Wait()
		for range 100 {
			ask(0)
		}
		all.Wait()
		if got := s.Introspections() - before; got != 1 {
			t.Errorf("got %d calls while it hangs, want one that tries", got)
		}
		s.Recover()
		time.Sleep(time.Minute)
		if got, _ := s.verify(t, s.Opaque(nil)); got != "" {
			t.Errorf("got %q once it answers, want the token to pass", got)
		}
		synctest.Wait()
		var failed, recovered int
		for _, line := range s.log.take(t) {
			failed += strings.Count(line.Msg, "introspection failed")
			recovered += strings.Count(line.Msg, "introspection recovered")
		}
		if failed != 1 || recovered != 1 {
			t.Errorf("got %d lines of failure and %d of recovery, want 1 each", failed, recovered)
		}
	})
}

// I15: tokens over which the issuer stumbles keep nobody else waiting, and fill no log.
func TestIntrospectionOfOddTokensHurtsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newAskStage(t, nil)
		stumble := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.ParseForm(); strings.HasPrefix(r.PostForm.Get("token"), "odd") {
					w.WriteHeader(500)
					return
				}
				next.ServeHTTP(w, r)
			})
		}
		s.Misbehave(stumble, jwttest.Introspection)
		for n := range 100 {
			if got, _ := s.verify(t, fmt.Sprint("odd", n)); got != core.ReasonIntrospectionUnavailable {
				t.Fatalf("got %q, want introspection_unavailable", got)
			}
			if got, _ := s.verify(t, s.Opaque(nil)); got != "" {
				t.Fatalf("got %q for another token, want it to pass", got)
			}
		}
		synctest.Wait()
		warnings := 0
		for _, line := range s.log.take(t) {
			if line.Msg != "token refused" {
				warnings++
			}
		}
		if warnings != 1 {
			t.Errorf("got %d lines beside the refusals, want 1 a minute", warnings)
		}
	})
}

// answering is an endpoint that answers without a look at who asks.
type answering func(form string) string

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	form, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: 200, Header: header, Body: io.NopCloser(strings.NewReader(a(string(form)))), Request: r}, err
}

// I16: whatever is sent, memory stays where it was, and no goroutine stays.
func TestIntrospectionMemory(t *testing.T) {
	answers := answering(func(form string) string {
		return fmt.Sprintf(`{"active":%t}`, strings.HasPrefix(form, "token=good"))
	})
	s := newAskStage(t, func(c *core.Config, i *core.Introspection) {
		c.Logger = slog.New(slog.DiscardHandler)
		i.MaxAge, i.Max, i.Client = time.Hour, 100, &http.Client{Transport: answers}
	})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	flood := func(from, to int) {
		for n := from; n < to; n++ {
			s.verifier.Verify(t.Context(), fmt.Sprintf("%s-%d-%s", []string{"good", "bad"}[n%2], n, strings.Repeat("x", 1000)))
		}
	}
	goroutines := runtime.NumGoroutine()
	const full = 9000 // of what is remembered
	flood(0, full)
	before := heap()
	flood(full, full+askedTokens)
	if after := heap(); after > before+1<<20 {
		t.Errorf("got %d octets more, want none", after-before)
	}
	for runtime.NumGoroutine() > goroutines {
		runtime.Gosched()
	}
}
