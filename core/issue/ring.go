package issue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jwtmw/jwtmw/core"
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
	// that has a public key. RSA keys have 2048 bits. Default: ES256.
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

	// maxSwaps bounds how often in a row other replicas may come first.
	maxSwaps = 100
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
	if !slices.Contains(publicKeyAlgorithms(), r.Algorithm) {
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

// addition is a key that is to come into the document.
type addition struct {
	keep    []ringKey // beside it
	from    time.Time
	level   slog.Level
	message string // for the log, once the store has it
}

// due returns the key that is to be added at now, or nil. It is the schedule.
func (r *ring) due(keys []ringKey, now time.Time) *addition {
	table := r.timetable(keys)
	keep := slices.DeleteFunc(slices.Clone(keys), func(k ringKey) bool { return !table.has(k.ID, now) })
	signing := table.signing(now)
	if signing == nil {
		// Valid from the past, for replicas whose clocks are behind. Nothing that ran
		// could have published it ahead, unless it is the very first.
		a := &addition{keep: keep, from: now.Add(-clockSkew), level: slog.LevelWarn, message: "key made that signs at once: nobody asked in time for one to be published ahead"}
		for _, s := range table.slots {
			if !now.Before(s.until) && s.until.After(a.from) {
				a.from = s.until
			}
		}
		if len(keys) == 0 {
			a.level, a.message = slog.LevelInfo, "first key made"
		}
		return a
	}
	follows := func(s slot) bool { return s.from.Equal(signing.until) }
	if now.Before(signing.until.Add(-r.Ahead)) || slices.ContainsFunc(table.slots, follows) {
		return nil
	}
	return &addition{keep: keep, from: signing.until, message: "next key made"}
}

// timetable is what the document means.
func (r *ring) timetable(keys []ringKey) timetable {
	slots := make([]slot, len(keys))
	for i, k := range keys {
		slots[i] = slot{key: k.key, from: k.From, until: k.Until}
	}
	table := newTimetable(slots, r.lifetime)
	table.maxAge = r.MaxAge
	if n := len(table.slots); n > 0 {
		table.grows = table.slots[n-1].until.Add(-r.Ahead)
	}
	return table
}

// alter reads the document, asks what is to be added to it, and swaps it, until
// the store has what was wanted or nothing is. Beside an error it returns what the
// store holds, if that is known.
func (r *ring) alter(ctx context.Context, seen *snapshot, want func([]ringKey, time.Time) *addition) (*snapshot, error) {
	var made ringKey // kept when the swap is lost: an RSA key takes a while
	for range maxSwaps {
		found, err := r.load(ctx, seen)
		if err != nil {
			return nil, err
		}
		now := time.Now().Round(0).UTC()
		a := want(found.keys, now)
		if a == nil {
			return found, nil
		}
		if made.key == nil {
			if made, err = newRingKey(r.Algorithm, r.typ); err != nil {
				return found, err
			}
		}
		made.From, made.Until = a.from, a.from.Add(r.Every)
		keys := append(slices.Clone(a.keep), made)
		next, swapped, err := r.swap(ctx, found.stored, keys)
		if err != nil {
			return found, err
		}
		if swapped {
			r.log.report(a.level, a.message, slog.String("kid", made.ID), slog.Time("from", made.From), slog.Time("until", made.Until))
			return next, nil
		}
		seen = found
	}
	return nil, fmt.Errorf("%s: others came first %d times", r.name(), maxSwaps)
}

// load reads the document, and parses it unless it is the one that seen has.
func (r *ring) load(ctx context.Context, seen *snapshot) (*snapshot, error) {
	stored, err := r.Store.Load(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: load: %w", r.name(), err)
	case stored == nil:
		return &snapshot{timetable: r.timetable(nil)}, nil
	case bytes.Equal(stored, seen.stored):
		return seen, nil
	}
	plain := stored
	if r.Sealer != nil {
		if plain, err = r.Sealer.Open(ctx, bytes.Clone(stored)); err != nil {
			return nil, fmt.Errorf("%s: open the sealed document: %w", r.name(), err)
		}
	}
	keys, err := parseDocument(plain, r.typ)
	if err != nil {
		return nil, fmt.Errorf("%s: the document is damaged, and stays as it is: %w", r.name(), err)
	}
	return &snapshot{timetable: r.timetable(keys), stored: bytes.Clone(stored), keys: keys}, nil
}

func (r *ring) swap(ctx context.Context, old []byte, keys []ringKey) (_ *snapshot, swapped bool, err error) {
	plain, err := formatDocument(keys)
	if err != nil {
		return nil, false, err
	}
	stored := plain
	if r.Sealer != nil {
		if stored, err = r.Sealer.Seal(ctx, plain); err != nil {
			return nil, false, fmt.Errorf("%s: seal the document: %w", r.name(), err)
		}
	}
	if swapped, err = r.Store.Swap(ctx, old, bytes.Clone(stored)); err != nil {
		return nil, false, fmt.Errorf("%s: swap: %w", r.name(), err)
	}
	return &snapshot{timetable: r.timetable(keys), stored: bytes.Clone(stored), keys: keys}, swapped, nil
}

// name is what errors call the store.
func (r *ring) name() string {
	if named, ok := r.Store.(fmt.Stringer); ok {
		return named.String()
	}
	return fmt.Sprintf("%T", r.Store)
}
