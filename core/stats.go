package core

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// IssuerStats is the state of one issuer's keys, as a readiness probe or a
// dashboard needs it.
type IssuerStats struct {
	Issuer string // Config.Issuer

	// State is one of the constants of its type.
	//
	// Keys are fetched when somebody asks for them, so that silence alone leaves
	// them empty, or makes them stale and then expired. That is no failure:
	// LastError is empty and Failures does not grow, and the next caller waits
	// for one fetch.
	//
	// A JWKSFile has no MaxAge: it is fresh if the last reading was good, stale
	// if that failed, and empty before the first good one.
	State KeyState

	Keys int // usable keys held

	// Skipped counts the keys of the last good answer that cannot be used, by
	// cause. Values are never renamed; new ones may come:
	//
	//	malformed      no strict JSON object, a member missing or of a wrong type, bad base64url
	//	secret         kty oct: a secret that others can read
	//	private        private parameters beside the public ones
	//	use            "use" other than sig
	//	key_ops        "key_ops" without verify
	//	algorithm      "alg" that this key cannot do
	//	material       off the curve, of a wrong length, or otherwise no key
	//	certificate    "x5c" begins with the certificate of another key
	//	duplicate_kid  its kid is a different key's too
	//	key_type       kty other than RSA, EC, OKP and AKP, or AKP in a program built with a Go before 1.27
	//	curve          crv other than P-256, P-384, P-521 and Ed25519
	//	rsa_size       modulus below 2048 or above 8192 bits
	//	rsa_modulus    even modulus
	//	rsa_exponent   exponent even, below 3 or above 2^31-1
	//	roca           modulus of a generator with CVE-2017-15361
	//	encoding       Ed25519 key that is not reduced, or an ML-DSA key that crypto/mldsa refuses
	//	low_order      Ed25519 point of order 1, 2, 4 or 8
	//	point          not a point of its curve
	Skipped map[string]int

	Age      time.Duration // since the keys were fetched or found unchanged
	MaxAge   time.Duration // the age up to which they are fresh
	MaxStale time.Duration // how long past MaxAge they still serve

	LastSuccess time.Time // of a fetch; zero if none
	LastFailure time.Time // of a fetch; zero if none
	LastError   string    // of the last failure; empty after a success

	Fetches  int // refreshes that asked the issuer
	Failures int // those of them that failed

	// Introspection is nil where the issuer is not asked about tokens. Where it has
	// no Keys, State is KeysStatic and Keys is 0.
	Introspection *IntrospectionStats
}

// Stats returns the state of every issuer's keys, in the order of New, and then
// of the tenants that are kept, by name.
func (v *Verifier) Stats() []IssuerStats {
	if v == nil {
		return nil
	}
	issuers := slices.Concat(v.order, v.tenants.all())
	stats := make([]IssuerStats, len(issuers))
	for i, iss := range issuers {
		s := iss.keys.Stats()
		stats[i] = IssuerStats{
			Issuer: iss.Issuer, State: KeyState(s.State), Keys: s.Keys, Skipped: maps.Clone(s.Skipped),
			Age: s.Age, MaxAge: s.MaxAge, MaxStale: s.MaxStale,
			LastSuccess: s.LastSuccess, LastFailure: s.LastFailure, LastError: s.LastError,
			Fetches: s.Fetches, Failures: s.Failures,
			Introspection: iss.introspector.stats(),
		}
	}
	return stats
}

// Ready loads the keys of every fixed issuer that holds none, for start-up and
// readiness probes, and finds the introspection endpoint of one whose tokens are
// opaque. The error joins one for each issuer whose keys cannot be had, which
// matches ErrKeysUnavailable, or whose endpoint cannot be found. A Verifier need not be ready to be used.
func (v *Verifier) Ready(ctx context.Context) error {
	if !v.made() {
		return refuse(ReasonMisconfigured, errors.New("the Verifier was not made by New"))
	}
	// At once, since one issuer that hangs must not keep the others from loading.
	errs := make([]error, len(v.order))
	var all sync.WaitGroup
	for i, iss := range v.order {
		all.Go(func() {
			if err := iss.keys.Ready(ctx); err != nil {
				errs[i] = fmt.Errorf("jwtmw: issuer %q: %w: %w", iss.Issuer, refuseKey(err), err)
				return
			}
			if refusal := iss.introspector.ready(ctx); refusal != nil {
				errs[i] = fmt.Errorf("jwtmw: issuer %q: %w: %w", iss.Issuer, refusal, refusal.cause)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
