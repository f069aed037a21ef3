package keyset

import (
	"context"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// Static returns a Source of keys that have no kid: a secret, or the keys of a PEM file. Whatever kid a token names, it
// gets the only key that fits its algorithm. If several fit, the error is ErrAmbiguousKey; if none does, ErrWrongKey.
func Static(keys ...*jws.Key) Source {
	var b builder
	for _, key := range keys {
		b.kidless = append(b.kidless, entry{key: key, algorithms: key.Algorithms()})
	}
	return bareKeys{b.set()}
}

// FixedSet returns a Source of one JWKS document, read like a fetched one: unusable keys are skipped, secrets and
// private keys among them. A document without a usable key is an error.
func FixedSet(document []byte, limits Limits) (Source, error) {
	set, err := Parse(document, limits)
	if err != nil {
		return nil, err
	}
	return fixedSet{set}, nil
}

type bareKeys struct{ set *Set }

func (b bareKeys) Key(_ context.Context, _ string, _ bool, alg jws.Algorithm) (*jws.Key, time.Time, error) {
	key, err := b.set.only(alg)
	// These keys never change: an error after which a caller would wait for a fetch is the wrong one.
	if err == ErrUnknownKey {
		err = ErrWrongKey
	}
	return key, time.Now(), err
}

func (b bareKeys) Ready(context.Context) error { return nil }

func (b bareKeys) Stats() Stats {
	return Stats{State: StateStatic, Keys: b.set.Len()}
}

type fixedSet struct{ set *Set }

func (f fixedSet) Key(_ context.Context, kid string, hasKid bool, alg jws.Algorithm) (*jws.Key, time.Time, error) {
	key, err := f.set.Key(kid, hasKid, alg)
	return key, time.Now(), err
}

func (f fixedSet) Ready(context.Context) error { return nil }

func (f fixedSet) Stats() Stats {
	return Stats{State: StateStatic, Keys: f.set.Len(), Skipped: f.set.Skipped()}
}
