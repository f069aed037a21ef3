package keyset_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// happening is what can be seen at the borders of a Source.
type happening string

const (
	getBegan happening = "Store.Get is called"
	getEnded happening = "Store.Get returns"
	askBegan happening = "the issuer is asked"
	askEnded happening = "the issuer has answered"
)

// fact is one thing that was seen.
type fact struct {
	what happening
	at   time.Duration // since the schedule began
	get  int           // number of the call of Store.Get

	entry *kept // that Store.Get returned; nil: none

	conditional, silent304 bool
	answer                 string // the issuer's, by name
	good, lie              bool   // its keys count; they are not those that the issuer publishes
	keys                   kidSet
	maxAge                 span
	retryAfter             time.Duration
}

// query is what a token names.
type query struct {
	kid    int // of the pool; beyond it a kid that was never published
	hasKid bool
	rsa    bool // the token's algorithm is one that no key of the pool can do
	ready  bool // no token: somebody asks Ready
}

// answer is the contract's verdict on q where the keys are known: key, wrong, ambiguous or absent.
func (k kidSet) answer(q query) string {
	switch {
	case q.ready:
		return verdictKey
	case q.hasKid && (q.kid >= poolSize || k&(1<<q.kid) == 0):
		return verdictAbsent
	case q.hasKid && q.rsa:
		return verdictWrong
	case q.hasKid:
		return verdictKey
	case q.rsa:
		return verdictAbsent
	case k.len() > 1:
		return verdictAmbiguous
	default:
		return verdictKey
	}
}

const (
	verdictKey         = "key"
	verdictWrong       = "wrong"
	verdictAmbiguous   = "ambiguous"
	verdictUnknown     = "unknown"
	verdictUnavailable = "unavailable"
	verdictAbsent      = "absent" // no answer: what happens then depends on more than the keys
)

// call is one question to the Source, and its answer.
type call struct {
	query
	seen       int // facts that were seen when all was quiet before the call
	done       int // facts that were seen when it had returned
	start, end time.Duration
	patience   time.Duration // until its context ends
	gone       bool          // the context had ended before the call

	verdict    string
	retryAfter time.Duration

	sure bool // it is unknown because a fetch proved it, and for no other reason
}

func (c *call) String() string {
	return fmt.Sprintf("%s..%s  %s: %s (context %s, facts %d..%d)", c.start, c.end, c.query, c.verdict, c.patience, c.seen, c.done)
}

func (q query) String() string {
	switch {
	case q.ready:
		return "Ready"
	case !q.hasKid:
		return fmt.Sprintf("no kid, RSA %t", q.rsa)
	default:
		return fmt.Sprintf("kid %s, RSA %t", kidName(q.kid), q.rsa)
	}
}

// history is all that was seen of one Source.
type history struct {
	config
	zero time.Time // when the schedule began

	mu    sync.Mutex // guards what follows
	facts []fact
	calls []*call
	wrong []string // what breaks the contract wherever it stands

	inside  map[string]int // calls of the user's code that have not returned, by kind
	gets    int
	kept    []kept // what Put was given
	told    []bool // whether the refresh succeeded that Hooks.Fetched was told of
	state   string // the last that Hooks.State was told
	patient bool   // no call of the user's code ever took longer than it may
}

func (h *history) now() time.Duration { return time.Since(h.zero) }

func (h *history) add(f fact) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f.at = h.now()
	h.facts = append(h.facts, f)
}

func (h *history) length() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.facts)
}

func (h *history) complain(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wrong = append(h.wrong, fmt.Sprintf("%s: ", h.now())+fmt.Sprintf(format, args...))
}

// enter takes note of a call of the user's code: one of a kind at a time, and with a deadline where it has a context.
func (h *history) enter(kind string, ctx context.Context, limit time.Duration) (leave func()) {
	if ctx != nil {
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > limit {
			h.complain("%s: got a deadline in %s (%t), want one within %s", kind, time.Until(deadline), ok, limit)
		}
	}
	h.mu.Lock()
	h.inside[kind]++
	n := h.inside[kind]
	h.mu.Unlock()
	if n > 1 {
		h.complain("%s: got %d calls at a time, want one", kind, n)
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.inside[kind]--
	}
}

// String lists what was seen, for who looks for the cause.
func (h *history) String() string {
	var b strings.Builder
	for i, f := range h.facts {
		fmt.Fprintf(&b, "  fact %d  %s  %s", i, f.at, f.what)
		switch f.what {
		case getEnded:
			fmt.Fprintf(&b, ": %+v", f.entry)
		case askBegan:
			fmt.Fprintf(&b, ", conditional %t", f.conditional)
		case askEnded:
			fmt.Fprintf(&b, ": %s: good %t, keys %08b, age %+v", f.answer, f.good, f.keys, f.maxAge)
		}
		b.WriteByte('\n')
	}
	for _, c := range h.calls {
		fmt.Fprintf(&b, "  %s\n", c)
	}
	return b.String()
}
