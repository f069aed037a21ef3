package keyset_test

import (
	"fmt"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// flight is one refresh, as the facts show it.
type flight struct {
	began, ended     int // facts; ended is -1 while it is under way
	beganAt, endedAt time.Duration
	get              int           // the call of Store.Get that it began with; 0: none
	looked           time.Duration // when that returned, or must have been given up
	asking           bool          // the issuer was asked
	good, lie        bool
	keys             kidSet
	unknownPays      bool // it cannot be one that the contract itself asks for
}

// funds is what the bucket held when a flight had begun.
type funds struct {
	after int // the fact that the flight began with
	bucket
}

// look is what Stats said while all was quiet.
type look struct {
	seen  int
	at    time.Duration
	stats keyset.Stats
}

// judge replays a history and holds it against the contract.
type judge struct {
	*history
	truth []publication
	looks []look

	beliefs []belief
	flights []*flight
	funds   []funds
	marks   []*call // proved that a kid is unknown
	broken  []string
}

// publication is what the issuer publishes from at on.
type publication struct {
	at   time.Duration
	keys kidSet
}

// judged returns how the history breaks the contract.
func judged(h *history, truth []publication, looks []look) []string {
	j := &judge{history: h, truth: truth, looks: looks, beliefs: []belief{nothing()}, broken: h.wrong}
	full := burst * h.cooldown
	j.funds = []funds{{-1, bucket{0, full, full}}}
	j.replay()
	for _, c := range j.calls {
		if c.verdict == verdictUnknown && j.isProved(c, j.within(c)) {
			j.marks = append(j.marks, c)
		}
	}
	for _, c := range j.calls {
		j.judgeCall(c)
	}
	for _, f := range j.flights {
		j.judgeCause(f)
	}
	for _, l := range j.looks {
		j.judgeStats(l)
	}
	j.judgeErrands()
	return j.broken
}

func (j *judge) fail(format string, args ...any) {
	j.broken = append(j.broken, fmt.Sprintf(format, args...))
}

// replay follows the flights, and what the keys are after each.
func (j *judge) replay() {
	var f *flight
	var base belief // what the flight under way builds on
	for i, x := range j.facts {
		switch {
		case x.what == getBegan && f != nil:
			j.fail("fact %d: %s while a flight is under way", i, x.what)
		case x.what == getBegan:
			f, base = j.begin(i, x), j.last()
		case x.what == getEnded && f != nil && f.get == x.get && !f.asking:
			f.looked = x.at
			if base = j.restore(i, x, f, base); f.ended >= 0 {
				f = nil
			}
		case x.what == getEnded: // of a call that was abandoned
		case x.what == askBegan && f != nil && f.asking:
			j.fail("fact %d: %s while it is being asked", i, x.what)
		case x.what == askBegan:
			if f == nil {
				f, base = j.begin(i, x), j.last()
			}
			f.asking = true
			j.judgeRequest(i, x, f, base)
		case f == nil || !f.asking:
			j.fail("fact %d: %s and was not asked", i, x.what)
		default:
			j.land(i, x, f, base)
			f = nil
		}
	}
	if f != nil {
		j.fail("a flight is under way at the end: it began at %s", f.beganAt)
	}
}

func (j *judge) last() belief { return j.beliefs[len(j.beliefs)-1] }

func (j *judge) publish(b belief, after int, at time.Duration, f *flight) {
	b.after, b.at, b.flight = after, at, f.began
	j.beliefs = append(j.beliefs, b)
}

// begin holds the start of a flight against what refresh, backoff and bucket allow. Only one that the contract itself asks
// for looks into the Store, and it always does unless an earlier look hangs.
func (j *judge) begin(i int, x fact) *flight {
	f := &flight{began: i, ended: -1, beganAt: x.at, get: x.get, looked: x.at + storeLimit}
	j.flights = append(j.flights, f)
	b, c := j.last(), j.config
	rows, funds := b.phases(c, x.at), funds{i, j.funds[len(j.funds)-1].grown(c, x.at)}
	free := rows.may(isEmpty|isAhead|isSilent|isStale|isExpired) && !b.mustPause(x.at)
	paid := (rows.may(isFresh) || rows.may(isAhead) && b.mayPause(x.at)) && funds.mayPay(c)
	switch {
	case f.get > 0:
		paid = false
	case c.store && !j.getHangs(i):
		free = false
	}
	f.unknownPays = !free
	switch {
	case x.at < b.held:
		j.fail("a fetch at %s, want none before the Retry-After ends at %s", x.at, b.held)
	case !free && !paid:
		j.fail("a fetch at %s that nothing allows: row %b, failures %d, backoff %+v, bucket %+v, Store asked %t", x.at, rows, b.failures, b.retry, funds, f.get > 0)
	case !free:
		funds.most = max(funds.most-c.cooldown, 0)
		fallthrough
	case paid:
		funds.least = max(funds.least-c.cooldown, 0)
	}
	j.funds = append(j.funds, funds)
	return f
}

// getHangs says that a call of Store.Get before fact i has not returned.
func (j *judge) getHangs(i int) bool {
	under := 0
	for _, x := range j.facts[:i] {
		switch x.what {
		case getBegan:
			under++
		case getEnded:
			under--
		}
	}
	return under > 0
}

// restore is what a flight finds in the Store. It returns what the flight goes on with.
func (j *judge) restore(i int, x fact, f *flight, seen belief) belief {
	restored, ok := seen.restoredFrom(x.entry, j.config, x.at)
	if !ok {
		return seen
	}
	rows := restored.phases(j.config, x.at)
	if taken := rows.must(isFresh); taken || seen.keys == 0 && rows.must(serve) {
		j.publish(restored, i, x.at, f)
		if taken {
			f.ended, f.endedAt = i, x.at
		}
	}
	return restored
}

// judgeRequest holds the first request of a flight against the contract.
func (j *judge) judgeRequest(i int, x fact, f *flight, base belief) {
	if f.get > 0 && x.at != f.looked {
		j.fail("fact %d: the issuer is asked at %s, want it at %s, when the Store was done", i, x.at, f.looked)
	}
	if x.conditional && base.failures > 0 {
		j.fail("fact %d: a conditional request after a failure", i)
	}
}

// land is the end of a flight that asked the issuer.
func (j *judge) land(i int, x fact, f *flight, base belief) {
	f.ended, f.endedAt, f.good, f.lie, f.keys = i, x.at, x.good, x.lie, x.keys
	if x.at-f.looked > j.timeout && f.get > 0 || x.at-f.beganAt > j.timeout+storeLimit {
		j.fail("fact %d: a refresh from %s to %s, want it within %s", i, f.beganAt, x.at, j.timeout)
	}
	next := base.failedWith(x.retryAfter, x.at)
	if x.good {
		maxAge := x.maxAge
		if x.silent304 {
			maxAge = base.maxAge
		}
		next = base.succeeded(x.keys, maxAge, x.at)
	}
	j.publish(next, i, x.at, f)
}
