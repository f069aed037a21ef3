package issue

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// Ring makes its own keys and changes them on a schedule: each is published
// before it signs, and stays published until the last of its tokens has expired.
//
// The keys are one document in Store. What it means at an instant follows from
// the document alone, so that any number of Issuers over one Store are one
// issuer, without a leader. Each looks at the store at most once a minute, when
// somebody asks it for a token, a document or whether it is Ready, and whichever
// finds that the next key is due adds it.
//
// While the store cannot be reached, the keys in hand sign until they end. A
// document that cannot be read is an error, and is never replaced.
type Ring struct {
	// Store keeps the document. FileStore is one, for the replicas of one machine.
	// Required.
	Store Store

	// Sealer encrypts the document. SealWith is one. Default: none, which is
	// refused unless Store is a FileStore, whose mode keeps others out.
	Sealer Sealer

	// Algorithm is what the keys made from now on sign with: any of package core
	// that has a public key; ML-DSA in a program built with Go 1.27 or later, and
	// then in every replica. RSA keys have 2048 bits. Default: ES256.
	Algorithm core.Algorithm

	// Every is how long a key signs. It holds for keys made from now on. At least
	// Ahead. Default: 30 days.
	Every time.Duration

	// Ahead is how long a key is published before it signs: longer than any
	// verifier keeps a key set without asking again. At least MaxAge and 6 minutes.
	// Default: 24 hours.
	Ahead time.Duration

	// MaxAge is the max-age of the key set, which is how long a verifier may still
	// trust a key after Replace. At least 1 second. Default: 10 minutes.
	MaxAge time.Duration
}

const (
	defaultEvery  = 30 * 24 * time.Hour
	defaultAhead  = 24 * time.Hour
	defaultMaxAge = 10 * time.Minute
)

func (r Ring) open(c Config) (source, error) {
	r = r.withDefaults()
	if err := r.validate(); err != nil {
		return nil, err
	}
	opened := &ring{Ring: r, lifetime: c.Lifetime, typ: c.Type, log: reporter{c.Logger, c.Issuer}}
	opened.looks = newLooks(opened.log, opened.read)
	return opened, nil
}

func (r Ring) withDefaults() Ring {
	if r.Algorithm == "" {
		r.Algorithm = core.ES256
	}
	if r.Every == 0 {
		r.Every = defaultEvery
	}
	if r.Ahead == 0 {
		r.Ahead = defaultAhead
	}
	if r.MaxAge == 0 {
		r.MaxAge = defaultMaxAge
	}
	return r
}

func (r Ring) validate() error {
	var found mistakes
	file, isFile := r.Store.(fileStore)
	switch {
	case r.Store == nil:
		found.addf("Ring.Store is nil, want one such as FileStore")
	case isFile && file == "":
		found.addf("Ring.Store is a FileStore without a path")
	case r.Sealer == nil && !isFile:
		found.addf("Ring.Sealer is nil over a %T: whoever reads the store could sign; want one such as SealWith", r.Store)
	}
	if sealer, ok := r.Sealer.(*gcmSealer); ok {
		found.add(named("Ring.Sealer: ", sealer.validate()))
	}
	if alg := jws.Algorithm(r.Algorithm); alg.MLDSA() && !alg.Known() {
		found.addf("Ring.Algorithm is %s, which needs a program built with Go 1.27 or later", quote(string(r.Algorithm)))
	} else if !slices.Contains(publicKeyAlgorithms(), r.Algorithm) {
		found.addf("Ring.Algorithm is %s, want one of %q", quote(string(r.Algorithm)), publicKeyAlgorithms())
	}
	found.add(checkDuration("Ring.Every", r.Every))
	found.add(checkDuration("Ring.Ahead", r.Ahead))
	found.add(checkDuration("Ring.MaxAge", r.MaxAge))
	if r.Ahead > 0 && (r.Ahead < r.MaxAge || r.Ahead-r.MaxAge < lookEvery+clockSkew) {
		found.addf("Ring.Ahead is %v, want at least MaxAge, %v, and %v: a key would sign before every verifier could have it", r.Ahead, r.MaxAge, lookEvery+clockSkew)
	}
	if r.Every > 0 && r.Every < r.Ahead {
		found.addf("Ring.Every is %v, want at least Ahead, %v", r.Every, r.Ahead)
	}
	return errors.Join(found...)
}

// ring is a Ring that is open.
type ring struct {
	Ring
	*looks
	lifetime time.Duration
	typ      string
	log      reporter
}

func (r *ring) describe() ([]core.Algorithm, Secrets) {
	// Keys made before Algorithm was changed are still in the document.
	return publicKeyAlgorithms(), nil
}

// read looks at the store, and adds the key that is due.
func (r *ring) read(ctx context.Context, seen *snapshot) (*snapshot, error) {
	return r.alter(ctx, seen, r.due)
}

// rotate adds the next key, unless one waits.
func (r *ring) rotate(ctx context.Context) error {
	return r.change(ctx, func(ctx context.Context, seen *snapshot) (*snapshot, error) {
		return r.alter(ctx, seen, func(keys []ringKey, now time.Time) *addition {
			if a := r.due(keys, now); a != nil {
				return a
			}
			if slices.ContainsFunc(keys, func(k ringKey) bool { return now.Before(k.From) }) {
				return nil
			}
			return &addition{keep: keys, from: now.Add(r.Ahead), message: "next key made"}
		})
	})
}

// replace leaves nothing but a new key.
func (r *ring) replace(ctx context.Context) error {
	return r.change(ctx, func(ctx context.Context, seen *snapshot) (*snapshot, error) {
		return r.alter(ctx, seen, func(_ []ringKey, now time.Time) *addition {
			return &addition{from: now.Add(-clockSkew), level: slog.LevelWarn, message: "keys replaced"}
		})
	})
}
