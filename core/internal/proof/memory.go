package proof

import (
	"hash/maphash"
	"slices"
	"sync"
	"time"
)

const (
	maxProofs = 1 << 20          // that are remembered, some 40 MB
	slice     = 30 * time.Second // proofs that end within one are forgotten together
	rowSize   = 1 << 15          // counters in a row
)

// Memory remembers proofs in this process until they could pass no longer. It is
// bounded: over 2^20 proofs, or over as many of one key as are still free, it takes
// no more. Nothing is evicted, since to forget a proof is to let it pass again. So
// one key can fill half of it, two keys a third each, and there is room for whoever
// comes next.
//
// It holds one table for each half minute in which proofs end. A table whose time
// is over is dropped as a whole, so that forgetting costs no walk, no goroutine and
// no timer.
type Memory struct {
	seed maphash.Seed

	mu    sync.Mutex        // guards what follows
	ends  []*endingTogether // a handful, which a list walks faster than a map
	total int
}

// endingTogether are the proofs that end within one slice.
type endingTogether struct {
	at     int64 // which slice it is, counted from 1970
	proofs map[ID]struct{}
	held   [2][rowSize]uint32 // proofs by two hashes of their key
}

// NewMemory returns an empty Memory.
func NewMemory() *Memory {
	return &Memory{seed: maphash.MakeSeed()}
}

// Claim takes a proof of the key with this thumbprint. first is false for one that
// was taken before and could still pass. Where there is no room, it is not taken,
// and wait says when there will be some.
func (m *Memory) Claim(thumbprint string, p Proven, now time.Time) (first bool, wait time.Duration) {
	// Which counters a key shares with others nobody outside can know, or aim at.
	hash := maphash.String(m.seed, thumbprint)
	rows := [2]int{int(hash % rowSize), int(hash >> 32 % rowSize)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	var held [2]int
	var s *endingTogether // where the proof belongs
	at := sliceOf(p.Until)
	for _, e := range m.ends {
		if e.at == at {
			s = e
		}
		if _, taken := e.proofs[p.ID]; taken {
			return false, 0
		}
		for i, at := range rows {
			held[i] += int(e.held[i][at])
		}
	}
	// A counter may count a stranger's proofs too; both at once hardly ever do.
	if free := maxProofs - m.total; min(held[0], held[1]) >= free {
		return false, m.nextEnd(now)
	}
	if s == nil {
		s = &endingTogether{at: at, proofs: map[ID]struct{}{}}
		m.ends = append(m.ends, s)
	}
	s.proofs[p.ID] = struct{}{}
	for i, at := range rows {
		s.held[i][at]++
	}
	m.total++
	return true, 0
}

// forget drops the slices that are over.
func (m *Memory) forget(now time.Time) {
	at := sliceOf(now)
	m.ends = slices.DeleteFunc(m.ends, func(e *endingTogether) bool {
		if e.at >= at {
			return false
		}
		m.total -= len(e.proofs)
		return true
	})
}

func (m *Memory) nextEnd(now time.Time) (wait time.Duration) {
	for _, e := range m.ends {
		if d := endOf(e.at).Sub(now); wait == 0 || d < wait {
			wait = d
		}
	}
	return wait
}

func sliceOf(t time.Time) int64 { return t.Unix() / int64(slice/time.Second) }

// endOf is the first instant at which no proof of a slice can pass.
func endOf(at int64) time.Time { return time.Unix((at+1)*int64(slice/time.Second), 0) }
