package keyset

import (
	"hash/maphash"
	"sync"
	"time"
)

const missingKids = 1024

// missing remembers kids that a fetch did not find, so that they cost none again for a while. The oldest go first.
type missing struct {
	seed maphash.Seed
	keep time.Duration

	// mu guards everything below. Only tokens that name an unknown key come here.
	mu    sync.Mutex
	slots []missingKid // a ring
	where map[missingID]int
	next  int
}

type missingKid struct {
	id    missingID
	until time.Time
}

// missingID stands for a kid, which may be as long as a token, or for the algorithm of a token without kid. Its hash is
// keyed, so that nobody outside can find two kids that share one.
type missingID struct {
	hash   uint64
	hasKid bool
}

// newMissing remembers each kid for keep. That is one Cooldown: in it the bucket earns the fetch that finds a key which was
// published just after its first token came.
func newMissing(keep time.Duration) missing {
	return missing{seed: maphash.MakeSeed(), keep: keep}
}

func (m *missing) idOf(kid string, hasKid bool, alg string) missingID {
	if hasKid {
		return missingID{maphash.String(m.seed, kid), true}
	}
	return missingID{maphash.String(m.seed, alg), false}
}

func (m *missing) has(id missingID, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	slot, ok := m.where[id]
	return ok && now.Before(m.slots[slot].until)
}

func (m *missing) add(id missingID, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.where == nil {
		m.slots = make([]missingKid, missingKids)
		m.where = make(map[missingID]int, missingKids)
	}
	// The id that leaves its slot may have been added again since, and then it has another slot.
	if old := m.slots[m.next].id; m.where[old] == m.next {
		delete(m.where, old)
	}
	m.slots[m.next] = missingKid{id, now.Add(m.keep)}
	m.where[id] = m.next
	m.next = (m.next + 1) % missingKids
}
