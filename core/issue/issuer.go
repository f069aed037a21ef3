package issue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// Issuer signs tokens and publishes the keys that verify them. Make one with
// New; the zero Issuer signs nothing and says so. It holds no goroutine and no
// connection between calls, so that it has no Close. All methods are safe for
// concurrent use.
type Issuer struct {
	config    Config // without Keys, so that nothing prints them
	keys      source
	places    places
	replacing replacer // nil unless Keys is a Ring
}

// New returns an Issuer. It does no I/O: keys are read, and the first one of an
// empty Ring is made, when Sign, Ready or ServeHTTP first asks. The error names
// every mistake in c at once.
func New(c Config) (*Issuer, error) {
	c = c.withDefaults()
	var found mistakes
	found.add(c.validate())
	keys, err := open(c)
	found.add(err)
	if err := named("jwtmw: issue: ", errors.Join(found...)); err != nil {
		return nil, err
	}
	c.Keys = nil
	i := &Issuer{config: c, keys: keys, places: placesOf(c.Issuer)}
	i.replacing, _ = keys.(replacer)
	return i, nil
}

func open(c Config) (source, error) {
	switch c.Keys.(type) {
	case nil:
		return nil, errors.New("Keys is nil, want a Ring, a KeyDir, Signers or Secrets")
	case Ring, KeyDir, Signers, Secrets:
		return c.Keys.open(c)
	}
	// A pointer to one of them has its methods too, and may be nil.
	return nil, fmt.Errorf("Keys is a %T, want a value of Ring, KeyDir, Signers or Secrets and no pointer", c.Keys)
}

// Format writes the name of the issuer for every verb: what is behind it must not
// get into a log.
func (i Issuer) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "[issuer %s]", i.config.Issuer) }

// Ready returns nil while a key signs. Otherwise it reads the keys, within ctx,
// and the error says why none does. Call it in a readiness probe: each call also
// keeps a Ring or a KeyDir up to date where nobody asks for tokens.
func (i *Issuer) Ready(ctx context.Context) error {
	_, _, err := i.signing(ctx)
	return err
}

// Rotate adds the next key of a Ring now. It is published at once, on this
// replica, and on the others within a minute; it signs after Ring.Ahead. Where a
// next key waits already, Rotate does nothing. It is an error where Keys is no
// Ring, and where the store cannot be read or written within ctx and 10 seconds.
func (i *Issuer) Rotate(ctx context.Context) error {
	if i.replacing == nil {
		return errors.New("jwtmw: issue: Rotate needs a Ring: add a file to a KeyDir, or an entry to Signers or Secrets")
	}
	return named("jwtmw: issue: rotate: ", i.replacing.rotate(ctx))
}

// Replace is for a key that leaked: a new key signs at once, and every other is
// gone from the next answer of ServeHTTP on. All tokens signed before are
// refused from then on.
//
// Other replicas follow within a minute. Verifiers follow within the key set's
// max-age, which is at most Ring.MaxAge: 10 minutes by default. A verifier that
// cannot reach the key set keeps the leaked key longer, package core within
// MaxAge and Fetch.MaxStale, 1 hour by default; so do those that ignore
// Cache-Control, for as long as they like.
//
// It is an error where Keys is no Ring, and where the store cannot be read or
// written within ctx and 10 seconds. A document that is damaged is not replaced.
func (i *Issuer) Replace(ctx context.Context) error {
	if i.replacing == nil {
		return errors.New("jwtmw: issue: Replace needs a Ring: change the files of a KeyDir, or make another Issuer of other Signers or Secrets")
	}
	return named("jwtmw: issue: replace: ", i.replacing.replace(ctx))
}

// replacer is a source whose keys the Issuer itself can change.
type replacer interface {
	rotate(ctx context.Context) error
	replace(ctx context.Context) error
}

var errZero = errors.New("jwtmw: issue: got an Issuer that is zero, want one made by New")

// signing returns the key that signs now, and that instant, which is taken after
// a wait for the keys rather than before it.
func (i *Issuer) signing(ctx context.Context) (*key, time.Time, error) {
	if i == nil || i.keys == nil {
		return nil, time.Time{}, errZero
	}
	table, now, err := i.keys.current(ctx)
	if s := table.signing(now); s != nil {
		return s.key, now, nil
	}
	if err == nil {
		err = table.silence(now)
	}
	return nil, now, fmt.Errorf("jwtmw: issue: no key signs: %w", err)
}

// KeyStats is the state of one key.
type KeyStats struct {
	ID        string         // "kid" of its tokens and of its JWK; empty for Secrets
	Algorithm core.Algorithm // "alg" of its tokens

	From  time.Time // it signs from here on; zero: it always has
	Until time.Time // and no longer than to here; zero: until another key begins
	Gone  time.Time // it is no longer published from here on; zero: not known yet

	// State is "next" for a key that is published and does not sign yet,
	// "signing" for the one that signs, and "retired" for one that is published
	// for the sake of the tokens that it signed.
	State string
}

// Stats returns the keys in hand that are published now, the eldest first: of
// Secrets the one that signs. It does no I/O, and so returns none before the
// first call of another method, and what the last look found after that.
func (i *Issuer) Stats() []KeyStats {
	if i == nil || i.keys == nil {
		return nil
	}
	now := time.Now()
	var stats []KeyStats
	table := i.keys.held()
	signing := table.signing(now)
	for n := range table.slots {
		s := &table.slots[n]
		if !s.present(now) {
			continue
		}
		state := "retired"
		switch {
		case s == signing:
			state = "signing"
		case now.Before(s.from):
			state = "next"
		}
		stats = append(stats, KeyStats{ID: s.id, Algorithm: s.algorithm, From: s.from, Until: s.until, Gone: s.gone, State: state})
	}
	return stats
}
