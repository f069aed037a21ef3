package keyset

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// bucketSize is how many refreshes unknown kids can ask for at once; each Cooldown adds one.
const bucketSize = 2

// JWKS returns a Source that fetches the key set at url.
func JWKS(url string, o Options) Source {
	return newRemote(origin{address: url}, o)
}

// Discovery returns a Source that asks the issuer's metadata for the key set's address, at each refresh anew. It
// reads the metadata at url; if that is "", at the issuer's well-known addresses: that of OpenID Connect first, then that
// of RFC 8414. Their issuer must equal issuer byte for byte.
func Discovery(issuer, url string, o Options) Source {
	return newRemote(discoveryOrigin(issuer, url), o)
}

// remote is the cache of one issuer's keys. Callers read an immutable state; flights replace it.
type remote struct {
	origin  origin
	options Options
	getter  getter

	state    atomic.Pointer[state]
	flights  singleflight.Group
	begun    atomic.Int64 // number of the latest flight; one is under way while the state has a lower one
	bucket   *rate.Limiter
	dryUntil atomic.Pointer[time.Time] // no token in the bucket before
	missing  missing

	reporter           *reporter
	storeGet, storePut foreign
}

func newRemote(from origin, o Options) *remote {
	o = o.withDefaults()
	r := &remote{
		origin: from, options: o, getter: newGetter(o),
		bucket: rate.NewLimiter(rate.Every(o.Cooldown), bucketSize), missing: newMissing(o.Cooldown),
		reporter: newReporter(o, from.identity()),
	}
	r.state.Store(newState())
	r.dryUntil.Store(new(time.Time))
	return r
}

// Key answers a known key from memory whenever the contract allows it, without a lock and without allocating.
func (r *remote) Key(ctx context.Context, kid string, hasKid bool, alg jws.Algorithm) (*jws.Key, time.Time, error) {
	// Before the state, so that a flight with a higher number has begun after the token came.
	begun := r.begun.Load()
	s, now, err := r.serving(ctx)
	if err != nil {
		return nil, now, err
	}
	key, err := s.set.Key(kid, hasKid, alg)
	if err != ErrUnknownKey {
		return key, now, err
	}
	return r.miss(ctx, s, now, begun, kid, hasKid, alg)
}

// Ready returns nil if keys are held that serve, and else waits for one fetch as a caller of Key would.
func (r *remote) Ready(ctx context.Context) error {
	_, _, err := r.serving(ctx)
	return err
}

// Stats reports the state of the keys.
func (r *remote) Stats() Stats {
	return r.state.Load().stats(time.Now(), r.options.MaxStale)
}

// serving returns a state that serves, and the instant at which it does. If the present one does not, it waits for one
// fetch; if fetching pauses after a failure, it does not wait.
func (r *remote) serving(ctx context.Context) (*state, time.Time, error) {
	s, now := r.state.Load(), time.Now()
	if !s.phase(now).serves() {
		if now.Before(s.retryAt) {
			return nil, now, s.unavailable(now)
		}
		err := r.refresh(ctx, s, free)
		s, now = r.state.Load(), time.Now()
		if err != nil {
			return nil, now, err
		}
		// After a success the keys serve this caller even if their MaxAge is over by now, or nobody would ever be served.
		if s.failures > 0 && !s.phase(now).serves() {
			return nil, now, s.unavailable(now)
		}
	}
	if s.due(now) {
		r.background(s)
	}
	return s, now, nil
}

// miss answers for a key that s does not know. It asks the issuer, together with everybody else who does, unless a recent
// fetch looked for the same key, the issuer must be left alone, or the bucket is empty. begun is the number of the latest
// flight when the token came.
func (r *remote) miss(ctx context.Context, s *state, now time.Time, begun int64, kid string, hasKid bool, alg jws.Algorithm) (*jws.Key, time.Time, error) {
	id := r.missing.idOf(kid, hasKid, string(alg))
	if r.missing.has(id, now) {
		return nil, now, s.absent(now)
	}
	for {
		// Only an answer to a question that was put after the token came proves that the key is missing: a fetch that was
		// under way may have been answered before a rotation, and what the Store kept was.
		if s.failures == 0 && s.asked > begun {
			r.missing.add(id, now)
			return nil, now, ErrUnknownKey
		}
		if s.resting(now) {
			return nil, now, s.unavailable(now)
		}
		// A fetch that is due comes anyway. This token joins it, and must not be refused because others emptied the bucket.
		fare := paid
		if s.due(now) {
			fare = free
		}
		err := r.refresh(ctx, s, fare)
		s, now = r.state.Load(), time.Now()
		if err == errBucketEmpty {
			return nil, now, s.absent(now)
		}
		if err != nil {
			return nil, now, err
		}
		key, err := s.set.Key(kid, hasKid, alg)
		if err != ErrUnknownKey {
			return key, now, err
		}
		// Without this a token would stay for one failure after the other.
		if s.failures > 0 {
			return nil, now, s.unavailable(now)
		}
	}
}
