package core

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

const (
	maxReserve     = 1024  // tenants that are ready and not held
	maxReserveKeys = 16384 // keys of theirs, some 32 MB; a set has up to Fetch.MaxKeys
	maxFailures    = 1024  // remembered
	warnTenants    = time.Minute
)

// tenants is a valid Tenants and the tenants that it has met. A nil one knows
// nobody.
//
// Anybody can name a tenant, so that a name alone puts a tenant into the reserve
// and costs no other tenant its place. A token that verified makes its tenant a
// held one. The tenant that has to make room for it goes to the reserve, with its
// keys and its cooldowns.
type tenants struct {
	Tenants
	lookups singleflight.Group
	queue   queue
	fixed   []*issuer             // of the same Verifier
	offered atomic.Pointer[offer] // by fixed and held

	mu          sync.RWMutex                           // guards what follows
	held        *simplelru.LRU[string, *issuer]        // by "iss"; a token of theirs has verified
	reserve     *simplelru.LRU[string, reserved]       // by "iss"; not held
	reserveKeys int                                    // of all in reserve
	failures    *simplelru.LRU[string, *tenantFailure] // by "iss"
	forgotten   int                                    // how often Forget was called
	warned      time.Time                              // that more are active than are kept
}

// reserved is a tenant in reserve with the size of its key set when it came.
type reserved struct {
	*issuer
	keys int
}

func newTenants(t Tenants, fixed []*issuer) *tenants {
	t = t.withDefaults()
	ts := &tenants{
		Tenants:  t,
		fixed:    fixed,
		queue:    queue{slots: semaphore.NewWeighted(int64(t.Lookups))},
		held:     newLRU[*issuer](t.Max),
		reserve:  newLRU[reserved](maxReserve),
		failures: newLRU[*tenantFailure](maxFailures),
	}
	ts.offered.Store(offerOf(fixed))
	return ts
}

// newLRU returns a table by "iss".
func newLRU[V any](size int) *simplelru.LRU[string, V] {
	table, err := simplelru.NewLRU[string, V](size, nil)
	if err != nil {
		panic(err) // a size below one, which validate refuses
	}
	return table
}

// admits reports whether name may be a tenant.
func (ts *tenants) admits(name string) bool {
	return ts != nil && name != "" && ts.Allow(name)
}

// known returns what an earlier lookup found, if it still holds. It does not
// count as a use: anybody can name a tenant.
func (ts *tenants) known(name string, now time.Time) (*issuer, *tenantFailure) {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	if iss, ok := ts.held.Peek(name); ok {
		return iss, nil
	}
	if waiting, ok := ts.reserve.Peek(name); ok {
		return waiting.issuer, nil
	}
	if failure, ok := ts.failures.Peek(name); ok && now.Before(failure.until) {
		return nil, failure
	}
	return nil, nil
}

// found takes a tenant that was looked up into the reserve, unless somebody has
// asked to forget one since.
func (ts *tenants) found(iss *issuer, forgotten int) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.forgotten == forgotten {
		ts.putIntoReserve(iss)
	}
}

// failed remembers why a tenant could not be looked up, unless somebody has
// asked to forget one since: the cause may be what they have just mended.
func (ts *tenants) failed(name string, failure *tenantFailure, forgotten int) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.forgotten == forgotten {
		ts.failures.Add(name, failure)
	}
}

// proved takes note of a token of iss that verified: that alone gives a tenant
// a place which another has to leave, and makes it recently used.
func (ts *tenants) proved(iss *issuer) {
	if !iss.confined {
		return
	}
	if ts.hold(iss, time.Now()) {
		ts.Logger.Warn("more tenants are active than are kept", slog.Int("max", ts.Max))
	}
}

// hold reports whether it is time to warn of a tenant that had to make room.
func (ts *tenants) hold(iss *issuer, now time.Time) (warn bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if _, held := ts.held.Get(iss.Issuer); held {
		return false
	}
	waiting, ok := ts.reserve.Peek(iss.Issuer)
	if !ok || waiting.issuer != iss {
		return false // forgotten while the token was judged
	}
	ts.takeFromReserve(iss.Issuer)
	_, displaced, full := ts.held.GetOldest()
	full = full && ts.held.Len() == ts.Max
	ts.held.Add(iss.Issuer, iss)
	defer ts.sumUp()
	if !full {
		return false
	}
	ts.putIntoReserve(displaced)
	if warn = now.Sub(ts.warned) >= warnTenants; warn {
		ts.warned = now
	}
	return warn
}

// putIntoReserve bounds the reserve by tenants and by keys. Whom it drops is not
// looked up again at once, because its cooldowns would start anew each time.
func (ts *tenants) putIntoReserve(iss *issuer) {
	ts.takeFromReserve(iss.Issuer)
	keys := iss.keys.Stats().Keys
	for ts.reserve.Len() > 0 && (ts.reserve.Len() >= maxReserve || ts.reserveKeys+keys > maxReserveKeys) {
		name, _, _ := ts.reserve.GetOldest()
		ts.takeFromReserve(name)
		cause := errors.New("the tenant had to make room before one of its tokens verified")
		ts.failures.Add(name, &tenantFailure{ReasonKeysUnavailable, cause, time.Now().Add(tenantPause)})
	}
	ts.reserve.Add(iss.Issuer, reserved{iss, keys})
	ts.reserveKeys += keys
}

func (ts *tenants) takeFromReserve(name string) {
	if waiting, ok := ts.reserve.Peek(name); ok {
		ts.reserve.Remove(name)
		ts.reserveKeys -= waiting.keys
	}
}

// forget drops all that is known of a tenant.
func (ts *tenants) forget(name string) {
	ts.lookups.Forget(name) // who comes next must not share what was begun before
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.forgotten++
	ts.held.Remove(name)
	defer ts.sumUp()
	ts.takeFromReserve(name)
	ts.failures.Remove(name)
}

// sumUp notes what the challenges offer from now on.
func (ts *tenants) sumUp() { ts.offered.Store(offerOf(slices.Concat(ts.fixed, ts.held.Values()))) }

// epoch tells lookups that began before a forget from those after it.
func (ts *tenants) epoch() int {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	return ts.forgotten
}

// keeps reports whether a remembered token's issuer is still who answers for
// its name.
func (ts *tenants) keeps(iss *issuer) bool {
	if !iss.confined {
		return true
	}
	ts.mu.Lock()
	held, _ := ts.held.Get(iss.Issuer)
	ts.mu.Unlock()
	return held == iss && ts.Allow(iss.Issuer)
}

// all returns the tenants that are held, by name.
func (ts *tenants) all() []*issuer {
	if ts == nil {
		return nil
	}
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	return slices.SortedFunc(slices.Values(ts.held.Values()), func(a, b *issuer) int { return cmp.Compare(a.Issuer, b.Issuer) })
}
