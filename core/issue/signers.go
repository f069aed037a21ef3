package issue

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/internal/signing"
)

// Signers are keys that the program has made or that are elsewhere, in a KMS or
// an HSM. The one whose From came last signs. Each is published from 24 hours
// before its From, and stays published for Config.Lifetime and 5 minutes after
// the next one began: leave it in the list until then.
//
// A key elsewhere is called once for each token. Sign ends with its context, and
// after 10 seconds at the latest; at most 64 calls of one key are under way at a
// time, and more wait within the same bounds. A panic in Key is an error. So is a
// signature that the public half does not verify.
type Signers []Signer

// Signer is one of Signers.
type Signer struct {
	// ID is the "kid" of its tokens, at most 256 octets. Default: the key's
	// thumbprint (RFC 7638).
	ID string

	// Algorithm is the "alg" of its tokens, and must fit Key. Default: ES256.
	Algorithm core.Algorithm

	// Key signs. New asks for its Public half, which should be in hand and not a
	// round trip away. Private keys of the standard library are copied; of others
	// Sign must be safe for concurrent use. Required.
	Key crypto.Signer

	// From is when it begins to sign. Default: it signs at once, which at most one
	// may.
	From time.Time
}

// Format writes the ID and what kind of key it is for every verb: a private key
// must not get into a log with the Config that holds it.
func (s Signer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.text()) }

// MarshalText is Format for encoding/json and log/slog.
func (s Signer) MarshalText() ([]byte, error) { return []byte(s.text()), nil }

func (s Signer) text() string {
	return fmt.Sprintf("[signer %s %s %T]", quote(s.ID), s.Algorithm, s.Key)
}

func (s Signers) open(c Config) (source, error) {
	var found mistakes
	if len(s) == 0 {
		found.addf("Signers is empty, want one at least")
	}
	var slots []slot
	for n, signer := range s {
		opened, err := signer.open(c)
		found.add(named(fmt.Sprintf("Signers[%d]: ", n), err))
		if err != nil {
			continue
		}
		for _, other := range slots {
			if other.id == opened.id {
				found.addf("Signers[%d]: ID %s is another one's too", n, quote(opened.id))
			}
			if other.from.Equal(opened.from) {
				found.addf("Signers[%d]: From %v is another one's too: which of them signs?", n, opened.from)
			}
		}
		slots = append(slots, opened)
	}
	if err := errors.Join(found...); err != nil {
		return nil, err
	}
	table := newTimetable(slots, c.Lifetime)
	table.maxAge = defaultMaxAge
	return &fixed{table: table}, nil
}

func (s Signer) open(c Config) (slot, error) {
	if len(s.ID) > 256 || !utf8.ValidString(s.ID) {
		return slot{}, fmt.Errorf("ID is %s, want at most 256 octets of UTF-8", quote(s.ID))
	}
	if s.Algorithm == "" {
		s.Algorithm = core.ES256
	}
	// Asked before the key is copied: a nil pointer is told as such.
	if _, err := signing.PublicOf(s.Key); err != nil {
		return slot{}, named("Key is not usable: ", err)
	}
	private, err := copied(s.Key)
	if err != nil {
		return slot{}, named("Key is not usable: ", err)
	}
	k, err := newKey(s.ID, s.Algorithm, private, c.Type)
	if err != nil {
		return slot{}, named("Key is not usable: ", err)
	}
	opened := slot{key: k, from: s.From}
	if !s.From.IsZero() {
		opened.published = s.From.Add(-dirAhead)
	}
	return opened, nil
}

// fixed are keys in hand.
type fixed struct {
	table   timetable
	secrets Secrets
}

func (f *fixed) current(context.Context) (*timetable, time.Time, error) {
	return &f.table, time.Now(), nil
}

func (f *fixed) held() *timetable { return &f.table }

func (f *fixed) describe() ([]core.Algorithm, Secrets) {
	var algorithms []core.Algorithm
	for _, s := range f.table.slots {
		if !slices.Contains(algorithms, s.algorithm) {
			algorithms = append(algorithms, s.algorithm)
		}
	}
	return algorithms, f.secrets
}
