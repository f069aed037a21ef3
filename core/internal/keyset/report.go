package keyset

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"
)

// Hooks are told what becomes of a Source's keys, one after another, when a refresh is over: State where the refresh
// found another one, Fetched, Changed, and State where it made another one. Each may be nil. What they hold up is the
// next refresh, and for a key file the request that looked at it. A panic in one is logged and goes no further.
type Hooks struct {
	// Fetched hears of each refresh that asked the issuer, or read the file.
	Fetched func(Fetched)
	// Changed hears of each document that took the place of another, or of none.
	Changed func(Changed)
	// State hears of another Stats.State than the one before. Nobody looks but a refresh, where it begins and where it
	// ends: what the clock changed, and changed again before the next refresh, is not told.
	State func(from, to string)
}

// Fetched is what a refresh came to.
type Fetched struct {
	Took    time.Duration  // of the whole refresh: metadata, keys, and a Store where it was asked first
	Err     error          // nil: the keys were fetched, or confirmed as they were
	Keys    int            // usable keys held now, which after a failure are those from before
	Skipped map[string]int // keys of the document in force that cannot be used, by cause; the hook's own
}

// Changed compares two documents. A key is the same if its kid and its material are.
type Changed struct {
	Keys           int // usable keys held now
	Added, Removed int // both zero where the documents differ in other ways
}

// reporter tells the Logger and the Hooks of a source. Only who publishes the source's states may use it.
type reporter struct {
	log   *slog.Logger // names the source
	hooks Hooks
	state string // that was told last
}

func newReporter(o Options, source string) reporter {
	return reporter{o.Logger.With(slog.String("source", source)), o.Hooks, StateEmpty}
}

func (r *reporter) fetched(took time.Duration, err error, set *Set) {
	if r.hooks.Fetched == nil {
		return
	}
	f := Fetched{Took: took, Err: err}
	if set != nil {
		f.Keys, f.Skipped = set.Len(), set.Skipped()
	}
	r.tell(func() { r.hooks.Fetched(f) })
}

// changed tells of another set. It does nothing where there is none.
func (r *reporter) changed(before, after *Set) {
	if before == after {
		return
	}
	c := Changed{Keys: after.Len(), Added: after.beyond(before), Removed: before.beyond(after)}
	r.log.Info("keys changed", slog.Int("keys", c.Keys), slog.Int("added", c.Added), slog.Int("removed", c.Removed),
		slog.String("skipped", countsText(after.skipped, "")))
	if r.hooks.Changed != nil {
		r.tell(func() { r.hooks.Changed(c) })
	}
}

// reach tells of the state if it is another one.
func (r *reporter) reach(state string) {
	before := r.state
	if state == before {
		return
	}
	r.state = state
	if r.hooks.State != nil {
		r.tell(func() { r.hooks.State(before, state) })
	}
}

// tell calls a hook. Its panic must not end the process from a goroutine that the hook's owner does not know.
func (r *reporter) tell(hook func()) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("trace panicked", slog.String("error", cut(fmt.Sprint(p))), slog.String("stack", string(debug.Stack())))
		}
	}()
	hook()
}

// beyond counts the keys of s that other does not hold. A nil Set holds none.
func (s *Set) beyond(other *Set) int {
	switch {
	case s == nil:
		return 0
	case other == nil:
		return s.Len()
	}
	n := 0
	for kid, e := range s.byKid {
		if held, ok := other.byKid[kid]; !ok || !held.key.Equal(e.key) {
			n++
		}
	}
	for _, e := range s.kidless {
		if !slices.ContainsFunc(other.kidless, func(held entry) bool { return held.key.Equal(e.key) }) {
			n++
		}
	}
	return n
}
