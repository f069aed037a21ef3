package issue

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// maxSwaps bounds how often in a row other replicas may come first.
const maxSwaps = 100

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
		now := time.Now().Round(0).UTC() // as it is written down: without a monotonic reading
		a := want(found.keys, now)
		if a == nil {
			return found, nil
		}
		// Nothing signs with it before the store has it: a key that is in one memory
		// alone would end with its process, and its tokens with it.
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
	case seen.stored != nil && bytes.Equal(stored, seen.stored): // nearly always: no key is parsed again
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
