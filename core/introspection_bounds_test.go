package core_test

import (
	"strings"
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
