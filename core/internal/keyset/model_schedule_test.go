package keyset_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// schedule is what happens to a Source: its configuration, and events one after the other. A seed makes it, the same one
// each time. What its callers meet is left to the runtime where they meet at one instant, and jitter to the Source.
type schedule struct {
	seed uint64
	config
	discovery, logs bool
	events          []event
}

// event is one step. Each kind uses some of the fields.
type event struct {
	after time.Duration // that passes before
	kind  kind

	n        int // callers, or kids
	every    time.Duration
	query    query
	patience time.Duration
	gone     bool

	keys      kidSet
	turn      turn
	get, put  string // how the Store behaves
	hooks     string // how the Hooks and the Logger behave
	entry     string // what becomes of the Store's entry
	entrysAge time.Duration
}

type kind string

const (
	ask     kind = "ask"     // n callers with one kid
	crowd   kind = "crowd"   // n callers with different kids
	flood   kind = "flood"   // n kids that nobody has heard of
	rotate  kind = "rotate"  // the issuer publishes other keys
	turnTo  kind = "turn"    // the issuer behaves in another way
	stores  kind = "store"   // the Store does
	hooking kind = "hooks"   // the Hooks do
	tamper  kind = "tamper"  // the Store's entry is another one
	restart kind = "restart" // another Source takes the place of this one
	stats   kind = "stats"
)

// turn is how the issuer behaves until the next one.
type turn struct {
	hostile   int  // of hostileAnswers; behind them, of badMetadata; -1: it answers well
	metadata  bool // the hostile answer comes in the place of metadata
	latency   time.Duration
	freshness int
	etags     bool
	always304 bool
	old       bool // a cache on the way answers, with the keys before the last rotation
	atEnd     bool // the keys are those that are published when the latency is over
}

func (t turn) String() string {
	name := "good"
	switch {
	case t.hostile >= len(hostileAnswers):
		name = badMetadata[t.hostile-len(hostileAnswers)].name
	case t.hostile >= 0:
		name = hostileAnswers[t.hostile].name
	case t.always304:
		name = "304 to whatever"
	case t.old:
		name = "old keys"
	}
	return fmt.Sprintf("%q after %s, metadata %t, header %v, ETags %t, keys at the end %t",
		name, t.latency, t.metadata, freshness[t.freshness].header, t.etags, t.atEnd)
}

func (e event) String() string {
	text := fmt.Sprintf("%-16s %-8s", "+"+e.after.String(), e.kind)
	switch e.kind {
	case ask:
		text += fmt.Sprintf("%d callers: %s, patient for %s, gone %t", e.n, e.query, e.patience, e.gone)
	case crowd:
		text += fmt.Sprintf("%d callers, patient for %s", e.n, e.patience)
	case flood:
		text += fmt.Sprintf("%d kids, one each %s, patient for %s", e.n, e.every, e.patience)
	case rotate:
		text += fmt.Sprintf("keys %08b", e.keys)
	case turnTo:
		text += e.turn.String()
	case stores:
		text += fmt.Sprintf("Get %s, Put %s", e.get, e.put)
	case hooking:
		text += e.hooks
	case tamper:
		text += fmt.Sprintf("%s, aged %s", e.entry, e.entrysAge)
	}
	return text
}

func (s schedule) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: MaxAge %s, MaxStale %s, Cooldown %s, Timeout %s, Store %t, of a fleet %t, Discovery %t, Logger %t\n",
		s.seed, s.maxAge, s.maxStale, s.cooldown, s.timeout, s.store, s.fleet, s.discovery, s.logs)
	for _, e := range s.events {
		fmt.Fprintf(&b, "  %s\n", e)
	}
	return b.String()
}

// dice makes the choices of one schedule.
type dice struct{ *rand.Rand }

func pick[T any](d dice, values ...T) T { return values[d.IntN(len(values))] }

// between is a duration that hardly ever comes twice: what happens at one instant shall do so on purpose.
func (d dice) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.Int64N(int64(most-least)))
}

func (d dice) one(in int) bool { return d.IntN(in) == 0 }

// newSchedule makes the schedule of a seed.
func newSchedule(seed uint64) schedule {
	d := dice{rand.New(rand.NewPCG(seed, 19))}
	s := schedule{seed: seed, discovery: d.one(4), logs: d.one(4)}
	s.maxAge = pick(d, 10*time.Minute, 10*time.Minute, 2*time.Minute, time.Hour)
	s.maxStale = pick(d, time.Hour, time.Hour, 0, 5*time.Minute, 3*time.Hour)
	s.cooldown = pick(d, 10*time.Second, 10*time.Second, time.Second, time.Minute)
	s.timeout = pick(d, 5*time.Second, 5*time.Second, 800*time.Millisecond)
	s.store = d.one(2)
	s.fleet = s.store && d.one(2)
	keys := kidSet(1 + d.IntN(3))
	s.events = append(s.events, event{kind: rotate, keys: keys}, event{kind: turnTo, turn: d.turn(s.discovery)})
	for range 12 + d.IntN(28) {
		e := d.event(s)
		if e.kind == rotate {
			keys = d.rotated(keys)
			e.keys = keys
		}
		s.events = append(s.events, e)
	}
	return s
}

func (d dice) event(s schedule) event {
	e := event{after: d.pause()}
	e.kind = pick(d, ask, ask, ask, ask, ask, crowd, crowd, flood, rotate, rotate, turnTo, turnTo, stores, hooking, tamper, restart, stats)
	if !s.store && (e.kind == stores || e.kind == tamper) || e.kind == restart && d.one(2) {
		e.kind = ask
	}
	e.patience = pick(d, time.Minute, time.Minute, d.between(time.Millisecond, 8*time.Second))
	switch e.kind {
	case ask:
		e.n, e.query, e.gone = pick(d, 1, 1, 2, 5), d.query(), d.one(25)
	case crowd:
		e.n = 2 + d.IntN(8)
	case flood:
		e.n, e.every = 5+d.IntN(40), pick(d, d.between(time.Microsecond, time.Millisecond), d.between(time.Millisecond, time.Second))
	case turnTo:
		e.turn = d.turn(s.discovery)
	case stores:
		e.get, e.put = pick(d, gracious, gracious, misbehaviours(d)), pick(d, gracious, gracious, misbehaviours(d))
	case hooking:
		e.hooks = pick(d, gracious, misbehaviours(d))
	case tamper:
		e.entry, e.entrysAge = pick(d, replica, replica, replica, garbage, otherSource, otherURL, yearLong, future, noKeys), d.pause()
	}
	return e
}

// query is mostly one for a key of the pool, published or not.
func (d dice) query() query {
	switch d.IntN(12) {
	case 0:
		return query{ready: true}
	case 1:
		return query{rsa: d.one(2)}
	case 2:
		return query{hasKid: true, kid: d.IntN(poolSize), rsa: true}
	case 3, 4:
		return query{hasKid: true, kid: poolSize + d.IntN(3)}
	default:
		return query{hasKid: true, kid: d.IntN(4)}
	}
}

func (d dice) turn(discovery bool) turn {
	t := turn{hostile: -1, freshness: d.IntN(len(freshness)), etags: d.one(2), atEnd: d.one(2), latency: d.latency()}
	switch d.IntN(10) {
	case 0, 1, 2, 3:
		t.hostile = d.IntN(len(hostileAnswers))
		if discovery && d.one(2) {
			t.metadata, t.hostile = true, d.IntN(len(hostileAnswers)+len(badMetadata))
		}
		if t.metadata && t.hostile < len(hostileAnswers) && hostileAnswers[t.hostile].name == "keys twice" {
			t.hostile = 0 // metadata without jwks_uri all the same
		}
	case 4:
		t.always304, t.etags = d.one(2), true
		t.old = !t.always304
	}
	return t
}

func (d dice) latency() time.Duration {
	return pick(d, 0, d.between(time.Millisecond, 100*time.Millisecond), d.between(time.Millisecond, 100*time.Millisecond),
		d.between(100*time.Millisecond, 4*time.Second), d.between(4*time.Second, 7*time.Second))
}

// pause is anything from no time at all to hours.
func (d dice) pause() time.Duration {
	switch d.IntN(10) {
	case 0, 1:
		return 0
	case 2, 3:
		return d.between(time.Millisecond, 100*time.Millisecond)
	case 4, 5:
		return d.between(100*time.Millisecond, 3*time.Second)
	case 6:
		return d.between(3*time.Second, 30*time.Second)
	case 7, 8:
		return d.between(30*time.Second, 10*time.Minute)
	default:
		return pick(d, d.between(10*time.Minute, time.Hour), d.between(time.Hour, 30*time.Hour))
	}
}

// rotated adds a key, takes one away, or replaces all.
func (d dice) rotated(keys kidSet) kidSet {
	next := keys
	switch d.IntN(4) {
	case 0:
		next = 1 << d.IntN(4)
	case 1, 2:
		next |= 1 << d.IntN(poolSize)
	case 3:
		next &^= 1 << d.IntN(poolSize)
	}
	if next.len() > 4 || next == 0 {
		next = 1 << d.IntN(4)
	}
	return next
}
