package keyset_test

import (
	"slices"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// judgeAhead wants a fetch under way where one is due.
func (j *judge) judgeAhead(c *call, met []belief) {
	if c.start != c.end || len(met) > 1 || !met[0].mustBeDue(j.config, c.start) {
		return
	}
	for _, f := range j.flights {
		if f.beganAt <= c.start && (f.ended < 0 || f.endedAt >= c.start) {
			return
		}
	}
	j.fail("%s: a refresh was due and nobody began it", c)
}

// judgeRotation wants a new key found within one Cooldown and the fetch that it pays for, whatever else was asked for, as
// long as the issuer answers and tells the truth.
func (j *judge) judgeRotation(c *call) {
	published := j.publishedSince(c)
	if published < 0 {
		return
	}
	from, longest := published, time.Duration(0)
	for _, f := range j.flights {
		over := f.ended >= 0
		switch {
		case f.beganAt > c.end || over && f.endedAt < published:
			continue
		case over && f.asking && (!f.good || f.lie && f.beganAt > published):
			return
		case !over:
			longest = max(longest, c.end-f.beganAt)
			continue
		case f.beganAt <= published:
			from = max(from, f.endedAt) // what it brings may be from before
		}
		longest = max(longest, f.endedAt-f.beganAt)
	}
	if took := c.end - from; took > j.cooldown+longest {
		j.fail("%s: the key is published since %s, want it known within %s and a fetch of %s", c, published, j.cooldown, longest)
	}
}

// publishedSince returns since when the issuer has published c's key without a break, or -1.
func (j *judge) publishedSince(c *call) time.Duration {
	since := time.Duration(-1)
	for _, p := range j.truth {
		if p.at > c.end {
			break
		}
		switch published := p.keys.answer(c.query) == verdictKey && c.hasKid; {
		case !published:
			since = -1
		case since < 0:
			since = p.at
		}
	}
	return since
}

// judgeCause wants somebody who asked when a flight began; where an unknown kid pays, one with such a kid, for which nobody
// has looked just before.
func (j *judge) judgeCause(f *flight) {
	var seen belief
	for _, b := range j.beliefs {
		if b.after < f.began {
			seen = b
		}
	}
	for _, c := range j.calls {
		if c.seen > f.began || c.start > f.beganAt || c.end < f.beganAt {
			continue
		}
		if !f.unknownPays || !c.gone && seen.keys.answer(c.query) == verdictAbsent && !j.mustRemember(c, f) {
			return
		}
	}
	j.fail("a fetch at %s (an unknown kid pays: %t) for which nobody asked", f.beganAt, f.unknownPays)
}

// mustRemember says that a fetch has looked for c's kid less than one Cooldown before f, and all was quiet since.
func (j *judge) mustRemember(c *call, f *flight) bool {
	return len(j.calls) < remembered && slices.ContainsFunc(j.marks, func(m *call) bool {
		return m.sure && m.sameKid(c.query) && m.done <= c.seen && m.end < c.start && c.start-m.end < j.cooldown && f.beganAt == c.start
	})
}

// judgeStats compares a look at Stats with the contract.
func (j *judge) judgeStats(l look) {
	b := j.within(&call{seen: l.seen, done: l.seen})[0]
	states := map[string]phases{
		keyset.StateEmpty: isEmpty, keyset.StateFresh: isFresh, keyset.StateAhead: isAhead,
		keyset.StateStale: isSilent | isStale, keyset.StateExpired: isExpired,
	}
	s := l.stats
	if !b.phases(j.config, l.at).may(states[s.State]) || s.Keys != b.keys.len() || (s.LastError != "") != (b.failures > 0) ||
		s.Fetches != b.fetches || s.Failures != b.failed || b.keys != 0 && s.Age != l.at-b.loaded || s.MaxAge < b.maxAge.least || s.MaxAge > b.maxAge.most {
		j.fail("%s: got %+v, want what follows from %+v", l.at, s, b)
	}
}

// judgeErrands wants the Hooks told of each refresh, and the Store given each good answer, as far as they return in time.
func (j *judge) judgeErrands() {
	for kind, n := range j.inside {
		if n != 0 {
			j.fail("%s: got %d calls that did not return", kind, n)
		}
	}
	if !j.patient {
		return
	}
	var told []bool
	var puts []kept
	for _, f := range j.flights {
		if f.asking {
			told = append(told, f.good)
		}
		if f.good && j.store {
			puts = append(puts, kept{usable: true, keys: f.keys, fetched: f.endedAt})
		}
	}
	if !slices.Equal(j.told, told) {
		j.fail("got Hooks.Fetched told %v, want %v", j.told, told)
	}
	given := slices.Clone(j.kept)
	for n := range given {
		given[n].maxAge = 0
	}
	if !slices.Equal(given, puts) {
		j.fail("got %v in the Store, want %v", given, puts)
	}
}
