package revoke

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/jwtmw/jwtmw/core"
)

// Config says how a List reads its Log. A duration below a second has lost its
// unit, and New refuses it.
type Config struct {
	// Log is where entries come from and go to. Required.
	Log Log

	// MaxAge is how late a revocation on another replica may be seen here. Past it
	// requests wait for the Log, for 2 seconds at most. At most 24 hours. Default:
	// 5 seconds.
	MaxAge time.Duration

	// MaxStale is how long past MaxAge the last list serves while the Log cannot
	// be read. After that every token is refused with 503. At most 24 hours.
	// Default: 1 minute.
	MaxStale time.Duration

	// Max is how many entries the List holds, at 86 octets each at most. A Log with more
	// makes it refuse every token with 503, since it cannot know them all.
	// Default: 1 000 000.
	Max int

	// Logger gets one line when the Log fails, one when it can be read again, and
	// one for each session that BackChannelLogout ends; the package comment lists
	// them. Default: WARN and ERROR go to slog.Default(), the rest nowhere.
	Logger *slog.Logger
}

const (
	defaultMaxAge   = 5 * time.Second
	defaultMaxStale = time.Minute
	defaultMax      = 1_000_000
	longest         = 24 * time.Hour
)

// List knows which tokens are valid no longer. Its method Revoked is made for
// core.Config.Revoked. It is safe for concurrent use, holds no goroutine while
// nobody asks, and needs no closing. Make it with New.
type List struct {
	log              Log
	maxAge, maxStale time.Duration
	max              int
	reporter         reporter
	since, add       foreign

	state   atomic.Pointer[state] // requests read it; who holds mu replaces it
	flights singleflight.Group
	flying  atomic.Bool

	mu      sync.Mutex // guards the making of the next state, and what follows
	sweptAt time.Time
}

// New makes a List. It does no I/O: the Log is read when a first token is asked
// about. Its error names every mistake at once.
func New(c Config) (*List, error) {
	var found []error
	mistake := func(format string, args ...any) {
		found = append(found, fmt.Errorf("jwtmw: revoke.Config: "+format, args...))
	}
	if c.Log == nil {
		mistake("Log is nil, want Memory, File or another")
	}
	for field, d := range map[string]time.Duration{"MaxAge": c.MaxAge, "MaxStale": c.MaxStale} {
		switch {
		case d > 0 && d < time.Second:
			mistake("%s is %v, want at least 1s: a number without a unit, such as time.Second, counts nanoseconds", field, d)
		case d < 0 || d > longest:
			mistake("%s is %v, want 1s to %v, or 0 for the default", field, d, longest)
		}
	}
	if c.Max < 0 {
		mistake("Max is %d, want a count, or 0 for the default", c.Max)
	}
	if len(found) > 0 {
		return nil, errors.Join(found...)
	}
	l := &List{
		log: c.Log, max: cmp.Or(c.Max, defaultMax), reporter: reporter{c.Logger, new(atomic.Bool)},
		maxAge: cmp.Or(c.MaxAge, defaultMaxAge), maxStale: cmp.Or(c.MaxStale, defaultMaxStale),
		since: newForeign(1), add: newForeign(maxAdds),
	}
	l.state.Store(&state{index: newIndex()})
	return l, nil
}

// Revoked reports whether the token with these verified claims was revoked: it is
// core.Config.Revoked. While the list is younger than MaxAge it answers without
// I/O; past that it waits for the Log, within ctx and 2 seconds. The error says
// that nobody knows, and is answered with 503.
func (l *List) Revoked(ctx context.Context, c *core.Claims) (bool, error) {
	if l == nil || l.state.Load() == nil || c == nil {
		return false, errors.New("jwtmw: want a List that revoke.New made, and claims")
	}
	s, now := l.state.Load(), time.Now()
	switch age := s.age(now); {
	case age < l.maxAge/5*4:
	case age < l.maxAge:
		l.background(s, now)
	default:
		l.wait(ctx, s, now)
		s, now = l.state.Load(), time.Now()
	}
	// Also from a list that is too old: a revocation is never taken back.
	if s.index.revokes(c, now) {
		return true, nil
	}
	return false, s.usable(now, l.maxAge+l.maxStale)
}

// Add revokes: at once here, and within MaxAge where other Lists read the same
// Log. It ends with ctx, and after 2 seconds at most. An error says what is wrong
// with an Entry, in which case none is added, or that the Log failed: then it is
// not known whether the entries hold.
func (l *List) Add(ctx context.Context, entries ...Entry) error {
	if l == nil || l.state.Load() == nil {
		return errors.New("jwtmw: want a List that revoke.New made")
	}
	for i, e := range entries {
		if err := e.validate(); err != nil {
			return fmt.Errorf("jwtmw: revoke.Entry %d of %d: %w", i+1, len(entries), err)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	kept := append([]Entry(nil), entries...) // a Log may hold on to what it is given
	if err := l.add.call(ctx, limit, func(ctx context.Context) error { return l.log.Add(ctx, kept...) }); err != nil {
		return fmt.Errorf("jwtmw: revocation log: %w", err)
	}
	return l.learn(entries)
}
