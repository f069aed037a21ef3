package keyset

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestBeyond(t *testing.T) {
	parse := func(jwks ...string) *Set {
		if len(jwks) == 0 {
			return nil
		}
		set, err := Parse([]byte(setText(jwks...)), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	a, b := jwkText(ecMembers("a")), jwkText(ecMembers("b"))
	kidless := func(of string) string { return jwkText(ecMembers(of), "kid", nil) }
	for _, test := range []struct {
		name           string
		before, after  *Set
		added, removed int
	}{
		{"from nothing", parse(), parse(a, b), 2, 0},
		{"the same in another order", parse(a, b), parse(b, a), 0, 0},
		{"one more", parse(a), parse(a, b), 1, 0},
		{"one less", parse(a, b), parse(b), 0, 1},
		{"another", parse(a), parse(b), 1, 1},
		{"another of the same kid", parse(a), parse(jwkText(ecMembers("b"), "kid", "a")), 1, 1},
		{"the same under another kid", parse(a), parse(jwkText(ecMembers("a"), "kid", "b")), 1, 1},
		{"another attribute", parse(a), parse(jwkText(ecMembers("a"), "use", "sig")), 0, 0},
		{"without kid", parse(kidless("a"), kidless("b")), parse(kidless("b"), kidless("c")), 1, 1},
		{"a kid for one that had none", parse(kidless("a")), parse(a), 1, 1},
	} {
		if added, removed := test.after.beyond(test.before), test.before.beyond(test.after); added != test.added || removed != test.removed {
			t.Errorf("%s: got %d added and %d removed, want %d and %d", test.name, added, removed, test.added, test.removed)
		}
	}
}

// Whoever is told may not be disturbed: refreshes are told one at a time, and each state follows on the one before.
func TestHooksAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		o := i.options()
		var told []string // without a lock: the race detector sees who tells
		at := StateEmpty
		o.Hooks = Hooks{
			Fetched: func(f Fetched) { told = append(told, fmt.Sprint("fetched ", f.Keys, " ", f.Err != nil)) },
			Changed: func(c Changed) { told = append(told, fmt.Sprint("changed ", c.Added)) },
			State: func(from, to string) {
				if from != at || to == at {
					t.Errorf("got a change from %s to %s while in %s", from, to, at)
				}
				at = to
				told = append(told, to)
			},
		}
		s := JWKS(keysURL, o)
		for minute := range 240 {
			if minute == 100 {
				i.now(broken)
			}
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() { _, _ = ask(s, "a") })
			}
			all.Wait()
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		first := []string{"fetched 1 false", "changed 1", StateFresh, StateAhead, "fetched 1 false", StateFresh}
		if !slices.Equal(told[:len(first)], first) {
			t.Errorf("got %q first, want %q", told[:len(first)], first)
		}
		states := slices.DeleteFunc(slices.Clone(told), func(s string) bool { return s[:1] == "f" && s != StateFresh || s == "changed 1" })
		last := []string{StateFresh, StateAhead, StateStale, StateExpired}
		if got := states[len(states)-4:]; !slices.Equal(got, last) {
			t.Errorf("got %q last, want %q", got, last)
		}
	})
}

// A Hook that panics ends neither the process nor the refresh, nor does it hide what comes after it.
func TestHookPanicIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		i := newIssuer(ok(kids("a")))
		o := i.options()
		o.Logger = j.logger()
		o.Hooks = Hooks{
			Fetched: func(Fetched) { panic("fetched") },
			Changed: func(Changed) { panic("changed") },
			State:   func(string, string) { panic("state") },
		}
		s := JWKS(keysURL, o)
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait()
		wantState(t, s, StateFresh)
		for _, hook := range []string{"fetched", "changed", "state"} {
			if got := j.count(`msg="trace panicked" source="jwks ` + keysURL + `" error=` + hook); got != 1 {
				t.Errorf("got %d lines of the panic in %s, want 1", got, hook)
			}
		}
		wantAnswer(t, s, "b", unknown, 0) // and the next flight takes off
		wantRequests(t, i, 2)
	})
}
