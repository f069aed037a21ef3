package main

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// proofLifetime is how long a proof could pass: DPoP.MaxAge and Leeway of the defaults.
const proofLifetime = 90 * time.Second

// proofMemory takes a proof once. Safe for concurrent use.
type proofMemory struct {
	name  string
	claim func(thumbprint string, id proof.ID, now time.Time) (first bool)
}

// proofMemories are made anew for each table. live is how many proofs they are to hold.
func proofMemories(live int) []proofMemory {
	own, locked, syncMap, lru := proof.NewMemory(), newLockedProofs(), &sharedProofs{}, newLRUProofs(live)
	return []proofMemory{
		{"jwtmw", func(thumbprint string, id proof.ID, now time.Time) bool {
			first, _ := own.Claim(thumbprint, proof.Proven{ID: id, Until: now.Add(proofLifetime)}, now)
			return first
		}},
		{"map and mutex", locked.claim},
		{"sync.Map", syncMap.claim},
		{"golang-lru expirable", lru.claim},
	}
}

const sweepEvery = 30 * time.Second

// lockedProofs is what is written first: a map that is swept now and then. It has no bound.
type lockedProofs struct {
	mu    sync.Mutex // guards what follows
	until map[proof.ID]int64
	sweep time.Time
}

func newLockedProofs() *lockedProofs { return &lockedProofs{until: map[proof.ID]int64{}} }

func (m *lockedProofs) claim(_ string, id proof.ID, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.After(m.sweep) {
		m.sweep = now.Add(sweepEvery)
		for id, until := range m.until {
			if until < now.UnixNano() {
				delete(m.until, id)
			}
		}
	}
	if until, taken := m.until[id]; taken && until >= now.UnixNano() {
		return false
	}
	m.until[id] = now.Add(proofLifetime).UnixNano()
	return true
}

// sharedProofs takes no lock that two threads would meet at. It has no bound either.
type sharedProofs struct {
	until sync.Map // proof.ID to int64
	sweep atomic.Int64
}

func (m *sharedProofs) claim(_ string, id proof.ID, now time.Time) bool {
	at := now.UnixNano()
	if sweep := m.sweep.Load(); at > sweep && m.sweep.CompareAndSwap(sweep, at+int64(sweepEvery)) {
		m.until.Range(func(id, until any) bool {
			if until.(int64) < at {
				m.until.CompareAndDelete(id, until)
			}
			return true
		})
	}
	until := now.Add(proofLifetime).UnixNano()
	old, taken := m.until.LoadOrStore(id, until)
	return !taken || old.(int64) < at && m.until.CompareAndSwap(id, old, until)
}

// lruProofs is bounded by forgetting: a flood makes old proofs pass again. Its Add does not say whether the entry is
// new, so a lock makes one step of two. It goes by the real clock, and so its size ends its entries, not their age.
type lruProofs struct {
	mu  sync.Mutex // held from Get to Add
	lru *expirable.LRU[proof.ID, struct{}]
}

func newLRUProofs(size int) *lruProofs {
	return &lruProofs{lru: expirable.NewLRU[proof.ID, struct{}](size, nil, proofLifetime)}
}

func (m *lruProofs) claim(_ string, id proof.ID, _ time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.lru.Get(id); taken {
		return false
	}
	m.lru.Add(id, struct{}{})
	return true
}
