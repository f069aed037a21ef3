package revoke

import (
	"hash/maphash"
	"sync"
	"time"
)

// maxOnce bounds how many ids are remembered. Only an issuer that is trusted can
// add one.
const maxOnce = 100_000

// once remembers ids for a time. It is safe for concurrent use.
type once struct {
	life time.Duration
	seed [2]maphash.Seed

	mu   sync.Mutex // guards seen
	seen map[fingerprint]time.Time
}

func newOnce(life time.Duration) *once {
	return &once{life: life, seed: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, seen: make(map[fingerprint]time.Time)}
}

func (o *once) fingerprint(issuer, id string) (f fingerprint) {
	for i, seed := range o.seed {
		f[i] = maphash.Comparable(seed, [2]string{issuer, id})
	}
	return f
}

// claim reports whether an id is new. A full memory takes none.
func (o *once) claim(issuer, id string) bool {
	f, now := o.fingerprint(issuer, id), time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Before(o.seen[f]) {
		return false
	}
	if len(o.seen) >= maxOnce {
		for f, end := range o.seen {
			if !now.Before(end) {
				delete(o.seen, f)
			}
		}
	}
	if len(o.seen) >= maxOnce {
		return false
	}
	o.seen[f] = now.Add(o.life)
	return true
}

// release forgets an id whose use failed.
func (o *once) release(issuer, id string) {
	f := o.fingerprint(issuer, id)
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.seen, f)
}
