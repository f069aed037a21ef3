package keyset

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Hooks tell what becomes of a Source's keys. They are called after a refresh, in order and one at a time: State if the
// refresh found another state, Fetched, Changed, and State if the refresh led to another one. Each may be nil. They delay
// neither a caller nor the next refresh: a call that takes longer than 5 s is abandoned, and until it returns its Hook is
// not called again. A panic is logged.
type Hooks struct {
	// Fetched is called for each refresh that asked the issuer, or read the file.
	Fetched func(Fetched)
	// Changed is called for each document that replaces another one, and for the first.
	Changed func(Changed)
	// State is called if Stats.State is another one than before. Only a refresh looks, at its start and at its end: a
	// state that begins and ends between two refreshes is not told.
	State func(from, to string)
}

// Fetched is the result of a refresh.
type Fetched struct {
	Took    time.Duration  // of the whole refresh: metadata, keys, and a Store if it was asked first
	Err     error          // nil: the keys were fetched, or confirmed as they were
	Keys    int            // usable keys held now; after a failure those from before
	Skipped map[string]int // keys of the document in force that cannot be used, by cause; the hook's own
}

// Changed compares two documents. A key is the same if its kid and its material are.
type Changed struct {
	Keys           int // usable keys held now
	Added, Removed int // both zero if the documents differ in other ways
}

// news is the result of one refresh, for the Logger and the Hooks.
type news struct {
	from, to      string // Stats.State when the refresh began, and when it ended
	lines         []line
	asked         bool // the issuer, or the file; false if only the Store was
	took          time.Duration
	err           error
	before, after *Set
}

// line is a line of the log.
type line struct {
	level slog.Level
	text  string
	attrs []slog.Attr
}

// reporter tells the Logger and the Hooks of a source.
type reporter struct {
	errands errands
	logger  *slog.Logger // names the source
	hooks   Hooks

	log, fetched, changed, state foreign

	// Only errands use what follows.
	told         string // the last Stats.State
	reads, keeps string // the last trouble with Store.Get, and with Store.Put
}

func newReporter(o Options, source string) *reporter {
	return &reporter{logger: o.Logger.With(slog.String("source", source)), hooks: o.Hooks, told: StateEmpty}
}

// tell passes n on, as an errand.
func (r *reporter) tell(n news) {
	r.reach(n.from)
	for _, l := range n.lines {
		r.write(l.level, l.text, l.attrs...)
	}
	if n.asked && r.hooks.Fetched != nil {
		f := Fetched{Took: n.took, Err: n.err}
		if n.after != nil {
			f.Keys, f.Skipped = n.after.Len(), n.after.Skipped()
		}
		r.hook(&r.fetched, "Fetched", func() { r.hooks.Fetched(f) })
	}
	if n.after != n.before {
		r.change(n.before, n.after)
	}
	r.reach(n.to)
}

func (r *reporter) change(before, after *Set) {
	c := Changed{Keys: after.Len(), Added: after.beyond(before), Removed: before.beyond(after)}
	r.write(slog.LevelInfo, "keys changed", slog.Int("keys", c.Keys), slog.Int("added", c.Added), slog.Int("removed", c.Removed),
		slog.String("skipped", countsText(after.skipped, "")))
	if r.hooks.Changed != nil {
		r.hook(&r.changed, "Changed", func() { r.hooks.Changed(c) })
	}
}

func (r *reporter) reach(state string) {
	before := r.told
	if state == before {
		return
	}
	if r.hooks.State != nil && !r.hook(&r.state, "State", func() { r.hooks.State(before, state) }) {
		return // the next call, which may reach it, begins at the state that it knows
	}
	r.told = state
}

// hook calls one of the Hooks and logs a call that does not return as it should. False says that it did not call.
func (r *reporter) hook(kind *foreign, name string, call func()) (called bool) {
	err := kind.call(errandTimeout, func(context.Context) error {
		call()
		return nil
	})
	switch crash, panicked := errors.AsType[*crash](err); {
	case err == nil:
	case err == errHangs: // logged when it began to
		return false
	case panicked:
		r.write(slog.LevelError, "trace panicked", slog.String("error", crash.value), slog.String("stack", crash.stack))
	default:
		r.write(slog.LevelWarn, "trace does not return", slog.String("hook", name), slog.String("error", err.Error()))
	}
	return true
}

// storeTrouble logs trouble with a method of the Store once, and again only if it is another one than the last. A nil err
// ends the trouble.
func (r *reporter) storeTrouble(last *string, text string, err error) {
	trouble := ""
	if err != nil {
		trouble = text + ": " + err.Error()
	}
	if trouble != "" && trouble != *last {
		attrs := []slog.Attr{slog.String("error", err.Error())}
		if crash, panicked := errors.AsType[*crash](err); panicked {
			attrs = append(attrs, slog.String("stack", crash.stack))
		}
		r.write(slog.LevelWarn, text, attrs...)
	}
	*last = trouble
}

// write logs a line. Nobody can be told if the Logger panics or hangs.
func (r *reporter) write(level slog.Level, text string, attrs ...slog.Attr) {
	_ = r.log.call(errandTimeout, func(ctx context.Context) error {
		r.logger.LogAttrs(ctx, level, text, attrs...)
		return nil
	})
}
