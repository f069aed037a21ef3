package playground

import (
	"fmt"
	"strings"
	"testing"
)

// states says how many keys are in which state, as "1 next, 1 signing".
func (s ringState) states() string {
	var states []string
	for _, name := range []string{"retired", "signing", "next"} {
		n := 0
		for _, key := range s.Keys {
			if key.State == name {
				n++
			}
		}
		if n > 0 {
			states = append(states, fmt.Sprint(n, " ", name))
		}
	}
	return strings.Join(states, ", ")
}

// The ring changes its keys as the clock is moved, and no token is refused but
// those of a key that leaked.
func TestRing(t *testing.T) {
	b := newBench(t)
	act := func(action string) (s ringState) {
		t.Helper()
		b.ask("POST", "/api/ring", `{"action":"`+action+`"}`, &s)
		if s.Signed.Verdict != "passes" {
			t.Errorf("%s: got a token of this moment %s, want it to pass", action, s.Signed.Verdict)
		}
		return s
	}
	first := act("look")
	if first.states() != "1 signing" || first.Before != nil {
		t.Fatalf("got %s, want one key that signs", first.states())
	}
	if got := act("rotate"); got.states() != "1 signing, 1 next" || got.Before == nil || got.Before.Verdict != "passes" {
		t.Errorf("rotate: got %s and %+v, want a next key, and the token of before to pass", got.states(), got.Before)
	}
	moved := act("1d")
	for n := 0; moved.Signed.KeyID == first.Signed.KeyID; n++ {
		if n == 8 {
			t.Fatal("got the first key after eight days, want the next one to sign")
		}
		if moved.Before != nil {
			t.Errorf("got %+v, want no token from before the clock was moved", moved.Before)
		}
		moved = act("6h")
	}
	if days := moved.Now.Sub(first.Now).Hours() / 24; days < 1 || days > 4 {
		t.Errorf("got the next key to sign after %.2f days, want within its schedule", days)
	}
	for range 40 {
		if got := act("1d"); !strings.Contains(got.states(), "1 signing") || len(got.Keys) > 3 {
			t.Fatalf("got %s, want one that signs beside one on either side", got.states())
		}
	}
	leaked := act("leaked")
	if leaked.states() != "1 signing" || leaked.Before == nil || leaked.Before.Verdict == "passes" {
		t.Errorf("leaked: got %s and %+v, want a new key alone, and the token of before refused", leaked.states(), leaked.Before)
	}
	var refused struct{ Error string }
	if b.ask("POST", "/api/ring", `{"action":"1y"}`, &refused); !strings.Contains(refused.Error, "1y") {
		t.Errorf("got %q, want it to name the action", refused.Error)
	}
}
