package core_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// The reference for tenants that come and go: what the contract of Tenants says of each answer, judged from what was seen
// of the lookups and of the calls.

// The numbers of the contract.
const (
	lookupLimit = 5 * time.Second  // of a lookup, and of the wait for a slot before it
	lookupPause = 10 * time.Second // after a lookup that failed
	fetchLimit  = 5 * time.Second  // of a refresh
	ignoring    = 20 * time.Second // how long a Config ignores its context
)

// lookup is what was seen of one: Config is called, and then the tenant's keys are fetched.
type lookup struct {
	tenant       int
	began, ended time.Duration // ended is -1 while it is under way
	outcome      core.Reason   // "": the tenant is known
	forgotten    bool          // Forget was called meanwhile
	ignores      bool          // Config does not heed its context
}

// visit is one call of Verify.
type visit struct {
	tenant     int
	forged     bool // signed with another key
	barred     bool // Allow said no
	start, end time.Duration
	patience   time.Duration
	reason     core.Reason // "": accepted
}

func (v *visit) String() string {
	return fmt.Sprintf("%s..%s  tenant %d, forged %t, barred %t, context %s: got %q", v.start, v.end, v.tenant, v.forged, v.barred, v.patience, v.reason)
}

// roll is which tenants Stats named while all was quiet.
type roll struct {
	at   time.Duration
	held []int
}

// tenantHistory is all that was seen of a Verifier.
type tenantHistory struct {
	max, slots int
	remembers  bool // there is a TokenCache

	mu      sync.Mutex // guards what follows
	lookups []*lookup
	visits  []*visit
	forgets []roll // each of one tenant
	rolls   []roll
	broken  []string
}

func (h *tenantHistory) fail(format string, args ...any) {
	h.broken = append(h.broken, fmt.Sprintf(format, args...))
}

// judged returns how the history breaks the contract.
func (h *tenantHistory) judged() []string {
	for _, v := range h.visits {
		h.judgeVisit(v)
	}
	for _, l := range h.lookups {
		h.judgeLookup(l)
	}
	for _, r := range h.rolls {
		h.judgeRoll(r)
	}
	return h.broken
}

// answer is what a token of v's kind gets once its tenant is known.
func (v *visit) answer() core.Reason {
	if v.forged {
		return core.ReasonBadSignature
	}
	return ""
}

// known says whether a lookup has made tenant known, before or at an instant, and nobody has asked to forget it since.
func (h *tenantHistory) known(tenant int, at time.Duration, strictly bool) bool {
	known := false
	for _, l := range h.lookups {
		early := l.ended < at || !strictly && l.ended == at
		if l.tenant != tenant || l.ended < 0 || !early || l.outcome != "" || l.forgotten {
			continue
		}
		known = known || !slices.ContainsFunc(h.forgets, func(f roll) bool {
			return f.held[0] == tenant && l.ended <= f.at && (f.at < at || strictly && f.at == at)
		})
	}
	return known
}

// judgeVisit holds one answer against the contract.
func (h *tenantHistory) judgeVisit(v *visit) {
	left := v.end-v.start == v.patience && v.reason == core.ReasonKeysUnavailable
	switch {
	case v.end-v.start > v.patience:
		h.fail("%s behind its deadline", v)
	case v.barred && (v.reason != core.ReasonWrongIssuer || v.start != v.end):
		h.fail("%s, want a tenant that Allow does not admit refused at once", v)
	case v.barred || left:
	case h.known(v.tenant, v.start, true) && (v.reason != v.answer() || v.end-v.start > fetchLimit):
		h.fail("%s, want %q: the tenant was known", v, v.answer())
	case v.end-v.start > 2*lookupLimit+fetchLimit:
		h.fail("%s, want an answer when it has waited and looked", v)
	case !h.explained(v):
		h.fail("%s, which no lookup explains", v)
	}
}

// explained says whether a lookup led to v's answer: one that v may have waited for, or one that is remembered.
func (h *tenantHistory) explained(v *visit) bool {
	if v.reason == core.ReasonKeysUnavailable && slices.ContainsFunc(h.visits, func(first *visit) bool {
		return first.tenant == v.tenant && !first.barred && first.start == v.end-lookupLimit && h.busy(first)
	}) {
		return true // it waited for a slot, together with the first who asked
	}
	for _, l := range h.lookups {
		over := l.ended >= 0 && l.ended <= v.end
		switch {
		case l.tenant != v.tenant || !over || h.dropped(l, v):
		case l.outcome == "" && v.reason == v.answer():
			return true
		case l.outcome == "" || l.outcome != v.reason || v.end >= l.ended+lookupPause:
		case v.end == l.ended, v.start >= l.ended && v.start == v.end:
			return true
		}
	}
	return false
}

// dropped says that what l led to was forgotten before v came.
func (h *tenantHistory) dropped(l *lookup, v *visit) bool {
	return slices.ContainsFunc(h.forgets, func(f roll) bool { return f.held[0] == l.tenant && l.began < f.at && f.at <= v.start })
}

// busy says whether all slots may have been taken while the tenant of v waited for one. A slot is taken until Config has
// returned and the fetch has ended, also when nobody waits for them any more.
func (h *tenantHistory) busy(v *visit) bool {
	taken := 0
	for _, l := range h.lookups {
		freed := l.ended + fetchLimit
		if l.ignores {
			freed += ignoring
		}
		if l.began <= v.start+lookupLimit && (l.ended < 0 || freed >= v.start) {
			taken++
		}
	}
	return taken >= h.slots
}

// judgeLookup wants somebody who asked, nobody who knew, and a pause after each failure.
func (h *tenantHistory) judgeLookup(l *lookup) {
	// Who came before a Forget and who came after it may wait for a slot at the same time, and each has a lookup.
	queued := func(since time.Duration) bool { return h.forgottenBetween(l.tenant, since-2*lookupLimit, l.began) }
	if h.known(l.tenant, l.began, true) && !queued(l.began) {
		h.fail("a lookup of tenant %d at %s, want none of a tenant that is known", l.tenant, l.began)
	}
	for _, other := range h.lookups {
		if other == l || other.tenant != l.tenant || other.began > l.began {
			continue
		}
		over := other.ended >= 0 && other.ended <= l.began
		switch pauses := over && other.outcome != "" && l.began < other.ended+lookupPause; {
		case other.forgotten || queued(other.began):
		case !over && other.began < l.began:
			h.fail("a lookup of tenant %d at %s, want none while that of %s is under way", l.tenant, l.began, other.began)
		case pauses:
			h.fail("a lookup of tenant %d at %s, want a pause after that which failed at %s", l.tenant, l.began, other.ended)
		}
	}
	if !slices.ContainsFunc(h.visits, func(v *visit) bool {
		return v.tenant == l.tenant && !v.barred && v.start <= l.began && l.began <= max(v.end, v.start+lookupLimit)
	}) {
		h.fail("a lookup of tenant %d at %s, for which nobody asked", l.tenant, l.began)
	}
}

func (h *tenantHistory) forgottenBetween(tenant int, from, to time.Duration) bool {
	return slices.ContainsFunc(h.forgets, func(f roll) bool { return f.held[0] == tenant && from <= f.at && f.at <= to })
}

// judgeRoll wants those tenants held whose tokens verified last.
func (h *tenantHistory) judgeRoll(r roll) {
	last := make(map[int]time.Duration)
	for _, v := range h.visits {
		if v.reason != "" || v.end > r.at {
			continue
		}
		if h.forgottenBetween(v.tenant, v.start, v.end) {
			return // whether it was held again is left to chance
		}
		if !h.forgottenBetween(v.tenant, v.end, r.at) {
			last[v.tenant] = max(last[v.tenant], v.end)
		}
	}
	if h.remembers && h.crossing(last) {
		return // whether its use counts from before or after the others' is left open
	}
	var want []int
	for tenant := range last {
		want = append(want, tenant)
	}
	slices.SortFunc(want, func(a, b int) int { return int(last[b] - last[a]) })
	if len(want) > h.max {
		if last[want[h.max-1]] == last[want[h.max]] {
			return
		}
		want = want[:h.max]
	}
	slices.Sort(want)
	// Of a tenant that was forgotten, another may have taken the place only with its next token.
	if !slices.Equal(r.held, want) && len(h.forgets) == 0 || len(r.held) > h.max || slices.ContainsFunc(r.held, func(n int) bool { return last[n] == 0 }) {
		h.fail("%s: got tenants %v held, want %v", r.at, r.held, want)
	}
}

// crossing says whether a token may have been recalled, and its tenant used, when it came, and then waited for keys while
// others verified.
func (h *tenantHistory) crossing(last map[int]time.Duration) bool {
	return slices.ContainsFunc(h.visits, func(v *visit) bool {
		return v.reason == "" && v.start < v.end && v.end == last[v.tenant] && slices.ContainsFunc(h.visits, func(other *visit) bool {
			return other.reason == "" && other.tenant != v.tenant && v.start <= other.end && other.end <= v.end
		})
	})
}
