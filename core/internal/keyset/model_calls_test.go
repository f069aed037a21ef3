package keyset_test

import (
	"slices"
	"time"
)

// within returns the beliefs that c may have met: the one in force when it came, and those that followed before it was done.
func (j *judge) within(c *call) []belief {
	first := 0
	for n, b := range j.beliefs {
		if b.after < c.seen {
			first = n
		}
	}
	last := first
	for last+1 < len(j.beliefs) && j.beliefs[last+1].after < c.done {
		last++
	}
	return j.beliefs[first : last+1]
}

// judgeCall holds one answer against the contract.
func (j *judge) judgeCall(c *call) {
	met := j.within(c)
	if c.end-c.start > c.patience || c.gone && c.end > c.start {
		j.fail("%s: got an answer behind its deadline", c)
	}
	fromMemory := slices.Contains([]string{verdictKey, verdictWrong, verdictAmbiguous}, c.verdict)
	if waited := j.flightsInside(c); waited > 1 && !j.store || waited > 2 {
		j.fail("%s: got a wait for more than two fetches", c)
	}
	for n := range met[1:] {
		if b := &met[n+1]; c.start < b.at && b.at < c.end && b.keys.answer(c.query) != verdictAbsent && b.phases(j.config, b.at).must(serve) {
			j.fail("%s: the keys of %s had the answer, want no longer wait", c, b.at)
		}
	}
	switch {
	case fromMemory && !j.mayServe(c, met):
		j.fail("%s: the keys in force do not say so", c)
	case fromMemory:
		j.judgeAhead(c, met)
	case j.mustServe(c, met):
		j.fail("%s: the key was known, and the keys were within their age", c)
	case c.verdict == verdictUnknown && !j.mayBeUnknown(c, met):
		j.fail("%s: nothing proves that", c)
	case c.verdict == verdictUnknown:
		j.judgeRotation(c)
	case c.verdict == verdictUnavailable && !j.mayBeUnavailable(c, met):
		j.fail("%s after %s: nothing says that the issuer is down", c, c.retryAfter)
	case c.verdict != verdictUnavailable:
		j.fail("%s: no answer of the contract", c)
	}
}

// flightsInside counts the flights that ended while c waited, without the last.
func (j *judge) flightsInside(c *call) (n int) {
	for _, f := range j.flights {
		if f.ended >= 0 && c.start < f.endedAt && f.endedAt < c.end {
			n++
		}
	}
	return n
}

// mayServe says whether a belief that c met holds its answer, in a row in which it counts.
func (j *judge) mayServe(c *call, met []belief) bool {
	for n := range met {
		b := &met[n]
		landed := n > 0 && b.at == c.end
		inForce := c.start == c.end || landed
		// After a success the keys serve who waited for it, however short their age.
		serves := landed && b.failures == 0 || b.phases(j.config, c.end).may(serve)
		if b.keys.answer(c.query) == c.verdict && inForce && serves {
			return true
		}
	}
	return false
}

// mustServe says that whatever c met when it came had the answer.
func (j *judge) mustServe(c *call, met []belief) bool {
	for n := range met {
		b := &met[n]
		if n > 0 && b.at > c.start {
			break
		}
		if b.keys.answer(c.query) == verdictAbsent || !b.phases(j.config, c.start).must(serve) {
			return false
		}
	}
	return true
}

// final says whether c may have been answered from the n-th belief that it met.
func (c *call) final(met []belief, n int) bool {
	return c.start == c.end || n > 0 && met[n].at == c.end
}

// mayBeUnknown says whether a fetch proves that no key is the one, or the contract lets nobody ask.
func (j *judge) mayBeUnknown(c *call, met []belief) bool {
	other := false
	for n := range met {
		if c.finalAbsence(met, n) {
			other = other || j.remembers(c) || !met[n].mustBeDue(j.config, c.end) && j.mayBeDry(c)
		}
	}
	proved := j.isProved(c, met)
	c.sure = proved && !other
	return proved || other
}

// isProved says whether a fetch that began after c came did not find its kid.
func (j *judge) isProved(c *call, met []belief) bool {
	for n, b := range met {
		if c.finalAbsence(met, n) && b.asked && b.flight >= c.seen {
			return true
		}
	}
	return false
}

// finalAbsence says whether c may have been answered from the n-th belief that it met, in which its key is not, and the
// last fetch did not fail.
func (c *call) finalAbsence(met []belief, n int) bool {
	b := met[n]
	return c.final(met, n) && b.failures == 0 && b.keys != 0 && b.keys.answer(c.query) == verdictAbsent
}

// remembers says whether a fetch may have looked for c's kid within one Cooldown.
func (j *judge) remembers(c *call) bool {
	return slices.ContainsFunc(j.marks, func(m *call) bool {
		return m != c && m.sameKid(c.query) && m.end <= c.end && c.end-m.end < j.cooldown
	})
}

func (q query) sameKid(other query) bool {
	return q.hasKid == other.hasKid && (q.hasKid && q.kid == other.kid || !q.hasKid && q.rsa == other.rsa)
}

// mayBeDry says whether the bucket may have been empty when c was answered.
func (j *judge) mayBeDry(c *call) bool {
	for n, f := range j.funds {
		over := n+1 < len(j.funds) && j.funds[n+1].after < c.seen
		if !over && f.after < c.done && f.grown(j.config, c.end).mayBeDry(j.config) {
			return true
		}
	}
	return false
}

// mayBeUnavailable says whether c's own context ended, or the issuer failed, and nobody may ask it now or nobody who pays.
func (j *judge) mayBeUnavailable(c *call, met []belief) bool {
	if c.retryAfter == time.Second && (c.gone || c.end-c.start == c.patience) {
		return true
	}
	for n := range met {
		b := &met[n]
		least, most := max(b.retry.least-c.end, time.Second), max(b.retry.most-c.end, time.Second)
		if b.failures == 0 || !c.final(met, n) || c.retryAfter < least || c.retryAfter > most {
			continue
		}
		nobodyPays := !b.mustBeDue(j.config, c.end) && j.mayBeDry(c)
		absent := b.keys.answer(c.query) == verdictAbsent
		if n > 0 || b.mayRest(j.config, c.end) || absent && (nobodyPays || j.remembers(c)) {
			return true
		}
	}
	return false
}
