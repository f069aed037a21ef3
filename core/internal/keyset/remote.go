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
	return newRemote(origin{jwks: url}, o)
}

// Discovery returns a Source that asks the issuer's metadata for the key set's address, at each refresh anew. The
// metadata lie at url, or, where that is "", at the issuer's well-known addresses: that of OpenID Connect first, then that
// of RFC 8414. Their issuer must equal issuer byte for byte.
func Discovery(issuer, url string, o Options) Source {
	return newRemote(discoveryOrigin(issuer, url), o)
}

// remote is the cache of one issuer's keys. Callers read an immutable state; flights replace it.
type remote struct {
	origin  origin
	options Options
	getter  getter

	state   atomic.Pointer[state]
	flights singleflight.Group
	flying  atomic.Bool  // a flight has begun; set before it pays
	tidying atomic.Bool  // it has published its state and is about the log, the Hooks and the Store
	begun   atomic.Int64 // number of the latest flight
	bucket  *rate.Limiter
	missing missing

	// Only the flight touches what follows.
	reporter     reporter
	storeTrouble string // what was last logged about the Store
}

func newRemote(from origin, o Options) *remote {
	o = o.withDefaults()
	r := &remote{
		origin: from, options: o, getter: newGetter(o),
		bucket: rate.NewLimiter(rate.Every(o.Cooldown), bucketSize), missing: newMissing(),
	}
	r.reporter = newReporter(o, from.identity())
	r.state.Store(newState())
	return r
}

// Key answers a known key from memory wherever the contract allows it, without a lock and without allocating.
func (r *remote) Key(ctx context.Context, kid string, hasKid bool, alg jws.Algorithm) (*jws.Key, time.Time, error) {
	begun := r.begun.Load()
	s, now, err := r.serving(ctx)
	if err != nil {
		return nil, now, err
	}
	key, err := s.set.Key(kid, hasKid, alg)
	switch {
	case err != ErrUnknownKey:
		return key, now, err
	case s.phase(now) == stale:
		// Whether the key exists cannot be known while the issuer is down.
		return nil, now, s.unavailable(now)
	default:
		return r.miss(ctx, s, now, begun, kid, hasKid, alg)
	}
}

// Ready returns nil where keys are held that serve, and else waits for one fetch as a caller of Key would.
func (r *remote) Ready(ctx context.Context) error {
	_, _, err := r.serving(ctx)
	return err
}

// Stats reports the state of the keys.
func (r *remote) Stats() Stats {
	return r.state.Load().stats(time.Now(), r.options.MaxStale)
}

// serving returns a state that serves, and the instant at which it does. Where the present one does not, it waits for
// one fetch, and takes what that brought however short its life; where fetching pauses after a failure, it does not
// wait.
func (r *remote) serving(ctx context.Context) (*state, time.Time, error) {
	s, now := r.state.Load(), time.Now()
	if !s.phase(now).serves() {
		if now.Before(s.retryAt) {
			return nil, now, s.unavailable(now)
		}
		if err := r.refresh(ctx, s, free); err != nil {
			return nil, now, err
		}
		s, now = r.state.Load(), time.Now()
		if s.failures > 0 && !s.phase(now).serves() {
			return nil, now, s.unavailable(now)
		}
	}
	if s.due(now) {
		r.background(s)
	}
	return s, now, nil
}

// miss answers for a key that a fresh set does not know. Unless a recent fetch looked for it in vain, it joins the
// fetch under way or pays for one from the bucket. begun is the number of the latest flight when the token came.
func (r *remote) miss(ctx context.Context, s *state, now time.Time, begun int64, kid string, hasKid bool, alg jws.Algorithm) (*jws.Key, time.Time, error) {
	id := r.missing.idOf(kid, hasKid, string(alg))
	if r.missing.has(id, now) {
		return nil, now, ErrUnknownKey
	}
	for {
		// Only an answer to a question that was put after the token came proves that the key is missing: a fetch
		// that was under way may have been answered before a rotation.
		if s.failures == 0 && s.flight > begun {
			r.missing.add(id, now)
			return nil, now, ErrUnknownKey
		}
		if now.Before(s.heldUntil) {
			return nil, now, s.unavailable(now)
		}
		if err := r.refresh(ctx, s, paid); err != nil {
			return nil, now, err
		}
		s, now = r.state.Load(), time.Now()
		key, err := s.set.Key(kid, hasKid, alg)
		if err != ErrUnknownKey {
			return key, now, err
		}
		if s.failures > 0 {
			return nil, now, s.unavailable(now)
		}
	}
}
