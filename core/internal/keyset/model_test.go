package keyset_test

import (
	"math"
	"math/bits"
	"time"
)

// The reference: what the contract says of the keys of one issuer, from what was seen at its borders alone. It stands in
// another package than the cache, so that the two share no code. Where the contract leaves something to chance, the
// reference knows bounds, and answers "it may be" or "it must be".

// The numbers of the contract.
const (
	burst       = 2 // refreshes that unknown kids can ask for at once
	remembered  = 1024
	shortestAge = time.Minute
	longestAge  = 24 * time.Hour
	storeLimit  = 500 * time.Millisecond // of Store.Get
	errandLimit = 5 * time.Second        // of Store.Put, a Hook or the Logger
	maxSkew     = time.Minute            // of two machines' clocks
	grain       = time.Microsecond       // how exactly a bucket can be counted
)

// config is what the contract calls by name, with the defaults filled in.
type config struct {
	maxAge, maxStale, cooldown, timeout time.Duration
	store, fleet                        bool
}

// span is what jitter leaves open. As instants, both ends count from the schedule's start.
type span struct{ least, most time.Duration }

func exactly(d time.Duration) span { return span{d, d} }

func (s span) plus(d time.Duration) span { return span{s.least + d, s.most + d} }

// kidSet holds the kids of one document: bit n is the kid of the n-th key of the pool.
type kidSet uint16

func (k kidSet) len() int { return bits.OnesCount16(uint16(k)) }

// phases is a set of the contract's rows that may be in force.
type phases int

const (
	isEmpty phases = 1 << iota
	isFresh
	isAhead
	isSilent
	isStale
	isExpired

	serve = isFresh | isAhead | isStale
)

func (p phases) may(q phases) bool  { return p&q != 0 }
func (p phases) must(q phases) bool { return p&^q == 0 }

// belief is what holds between the end of one flight and the end of the next.
type belief struct {
	after  int           // the fact that it follows on
	at     time.Duration // when that was seen
	flight int           // the fact that its flight began with
	asked  bool          // the issuer answered to that flight

	keys        kidSet // none: never loaded
	loaded      time.Duration
	confirmed   time.Duration // by the issuer, to whomever; what a Store keeps must be younger
	maxAge      span
	aheadAtOnce bool // restored at a start from the Store of one process

	failures int  // in a row
	retry    span // instant before which the issuer is left alone
	held     time.Duration

	fetches, failed int
}

// nothing is the belief before the first flight.
func nothing() belief { return belief{after: -1, flight: -1, confirmed: math.MinInt64} }

// phases returns the rows of the contract that may be in force at now.
func (b *belief) phases(c config, now time.Duration) phases {
	if b.keys == 0 {
		return isEmpty
	}
	rows := []phases{isFresh, isAhead, isSilent, isExpired}
	if b.failures > 0 {
		rows[2] = isStale
	}
	var all phases
	for row := b.row(c, now, b.maxAge.most); row <= b.row(c, now, b.maxAge.least); row++ {
		all |= rows[row]
	}
	if c.maxStale == 0 && all.may(isExpired) {
		all &^= isSilent | isStale // a row of no length
	}
	return all
}

// row counts the borders that an age has passed: 80 % of maxAge, maxAge, and maxStale on top.
func (b *belief) row(c config, now, maxAge time.Duration) int {
	age := now - b.loaded
	switch {
	case age >= maxAge+c.maxStale:
		return 3
	case age >= maxAge:
		return 2
	case age >= maxAge/5*4 || b.aheadAtOnce:
		return 1
	default:
		return 0
	}
}

// mayPause and mustPause say whether the backoff after a failure runs.
func (b *belief) mayPause(now time.Duration) bool  { return now < b.retry.most }
func (b *belief) mustPause(now time.Duration) bool { return now < b.retry.least }

// mustBeDue says that whoever asks starts a fetch which no unknown kid pays for, and need not wait for it.
func (b *belief) mustBeDue(c config, now time.Duration) bool {
	return b.phases(c, now).must(isAhead|isStale) && !b.mayPause(now)
}

// mayRest says that not even an unknown kid may have the issuer asked.
func (b *belief) mayRest(c config, now time.Duration) bool {
	p := b.phases(c, now)
	return now < b.held || p.may(isStale|isExpired|isEmpty) && b.mayPause(now)
}

// succeeded is the belief after a good answer.
func (b *belief) succeeded(keys kidSet, maxAge span, now time.Duration) belief {
	return belief{
		asked: true, keys: keys, loaded: now, confirmed: now, maxAge: maxAge,
		fetches: b.fetches + 1, failed: b.failed,
	}
}

// failedWith is the belief after a failure. retryAfter is what the issuer asked for; zero: nothing.
func (b *belief) failedWith(retryAfter, now time.Duration) belief {
	next := *b
	next.asked = false
	next.failures++
	next.fetches, next.failed = b.fetches+1, b.failed+1
	pause := backoffOf(next.failures)
	if retryAfter > 0 {
		next.held = now + retryAfter
		pause = span{max(pause.least, retryAfter), max(pause.most, retryAfter)}
	}
	next.retry = pause.plus(now)
	return next
}

// backoffOf is 1 s, doubled with each failure up to 60 s. Jitter adds up to a half, and at the cap takes up to a quarter.
func backoffOf(failures int) span {
	pause := time.Second
	for n := 1; n < failures && pause < time.Minute; n++ {
		pause *= 2
	}
	if pause >= time.Minute {
		return span{45 * time.Second, time.Minute}
	}
	return span{pause, min(pause+pause/2, time.Minute)}
}

// kept is an answer that a Store holds.
type kept struct {
	usable  bool // of this issuer, and not damaged
	keys    kidSet
	fetched time.Duration
	maxAge  time.Duration
}

// restoredFrom returns the belief in what the Store holds, or false if that is of no use.
func (b *belief) restoredFrom(k *kept, c config, now time.Duration) (belief, bool) {
	if k == nil || !k.usable || k.fetched > now+maxSkew || k.fetched <= b.confirmed {
		return belief{}, false
	}
	age := max(now-k.fetched, 0)
	if age >= k.maxAge+c.maxStale {
		return belief{}, false
	}
	return belief{
		keys: k.keys, loaded: now - age, confirmed: k.fetched, maxAge: exactly(k.maxAge),
		aheadAtOnce: b.keys == 0 && !c.fleet,
		fetches:     b.fetches, failed: b.failed,
	}, true
}

// bucket counts the time that has been earned for refreshes: a refresh costs one Cooldown. What may have been paid lowers
// least alone.
type bucket struct {
	at          time.Duration
	least, most time.Duration
}

func (b bucket) grown(c config, now time.Duration) bucket {
	full := burst * c.cooldown
	return bucket{now, min(b.least+now-b.at, full), min(b.most+now-b.at, full)}
}

func (b bucket) mayPay(c config) bool   { return b.most >= c.cooldown-grain }
func (b bucket) mayBeDry(c config) bool { return b.least < c.cooldown+grain }
