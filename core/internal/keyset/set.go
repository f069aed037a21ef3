package keyset

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// The three ways in which a key set has no key for a token.
var (
	// ErrUnknownKey: no key bears the token's kid, or the token has no kid and no key fits its algorithm.
	// A fetch may help.
	ErrUnknownKey = errors.New("no key of the set is the one that the token names")
	// ErrAmbiguousKey: the token has no kid and different keys fit its algorithm. A fetch does not help.
	ErrAmbiguousKey = errors.New("the token names no key and several of the set fit its algorithm")
	// ErrWrongKey: the key that the token names cannot do the token's algorithm. A fetch does not help.
	ErrWrongKey = errors.New("the key that the token names does not fit its algorithm")
)

// Limits bounds a JWKS document. A document beyond a limit is refused as a whole.
type Limits struct {
	MaxBytes int64 // octets of the document, unpacked. Default: 1 MiB
	MaxKeys  int   // elements of "keys", usable or not. Default: 1000
}

// Set is what one JWKS document yielded: the usable keys by kid. It is immutable and safe for concurrent use.
type Set struct {
	byKid   map[string]entry
	kidless []entry
	byAlg   map[jws.Algorithm]candidate
	skipped map[string]int
}

// entry is one usable JWK.
type entry struct {
	kid        string // "" if the JWK has none
	key        *jws.Key
	algorithms []jws.Algorithm // what kty, crv and alg of the JWK leave
}

// candidate is what a token without a kid gets for its algorithm.
type candidate struct {
	key       *jws.Key
	ambiguous bool
}

// Parse reads a JWKS document (RFC 7517 section 5). It leaves out and counts a JWK that cannot be used; the others still
// serve. The error says that the document is not a JWKS, exceeds a limit, or holds no usable key.
func Parse(document []byte, limits Limits) (*Set, error) {
	limits = limits.withDefaults()
	if int64(len(document)) > limits.MaxBytes {
		return nil, fmt.Errorf("got a key set of %d octets, want at most %d", len(document), limits.MaxBytes)
	}
	b := builder{byKid: make(map[string]entry), torn: make(map[string]bool), skipped: make(map[string]int)}
	elements := 0
	err := eachJWK(document, func(text string) error {
		if elements++; elements > limits.MaxKeys {
			return fmt.Errorf("got a key set of more than %d keys", limits.MaxKeys)
		}
		b.add(parseJWK(text))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	s := b.set()
	if s.Len() == 0 {
		return nil, fmt.Errorf("key set: got %d keys, want a usable one%s", elements, countsText(s.skipped, "; skipped: "))
	}
	return s, nil
}

// Key returns the one key that may verify a token of this kid and algorithm. A token with a kid gets the key of that
// kid or none (RFC 7515 section 4.1.4); a token without gets the only key that fits alg, whether or not that key has a
// kid. The errors are ErrUnknownKey, ErrAmbiguousKey and ErrWrongKey.
func (s *Set) Key(kid string, hasKid bool, alg jws.Algorithm) (*jws.Key, error) {
	if !hasKid {
		return s.only(alg)
	}
	// Never another key in its place: the sender would choose among all keys of the issuer.
	e, ok := s.byKid[kid]
	if !ok {
		return nil, ErrUnknownKey
	}
	if !slices.Contains(e.algorithms, alg) {
		return nil, ErrWrongKey
	}
	return e.key, nil
}

// Len returns the number of usable keys.
func (s *Set) Len() int {
	return len(s.byKid) + len(s.kidless)
}

// Skipped returns how many JWKs were left out, by cause. The map is the caller's own.
func (s *Set) Skipped() map[string]int {
	return maps.Clone(s.skipped)
}

// beyond counts the keys of s that other does not hold. A nil Set holds none.
func (s *Set) beyond(other *Set) int {
	switch {
	case s == nil:
		return 0
	case other == nil:
		return s.Len()
	}
	n := 0
	for kid, e := range s.byKid {
		if held, ok := other.byKid[kid]; !ok || !held.key.Equal(e.key) {
			n++
		}
	}
	for _, e := range s.kidless {
		if !slices.ContainsFunc(other.kidless, func(held entry) bool { return held.key.Equal(e.key) }) {
			n++
		}
	}
	return n
}

func (s *Set) only(alg jws.Algorithm) (*jws.Key, error) {
	c, ok := s.byAlg[alg]
	if !ok {
		return nil, ErrUnknownKey
	}
	if c.ambiguous {
		return nil, ErrAmbiguousKey
	}
	return c.key, nil
}

func (l Limits) withDefaults() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultMaxBytes
	}
	l.MaxBytes = min(l.MaxBytes, math.MaxInt64-1) // readers ask for one octet more
	if l.MaxKeys <= 0 {
		l.MaxKeys = DefaultMaxKeys
	}
	return l
}

// builder gathers the entries of a document.
type builder struct {
	byKid   map[string]entry
	torn    map[string]bool // kids that named different keys
	kidless []entry
	skipped map[string]int
}

func (b *builder) add(e entry, cause string) {
	switch before, known := b.byKid[e.kid]; {
	case cause != "":
		b.skipped[cause]++
	case e.kid == "":
		b.kidless = append(b.kidless, e)
	case b.torn[e.kid]: // a third key does not settle which of the first two is meant
		b.skipped[causeDuplicateKid]++
	case !known:
		b.byKid[e.kid] = e
	case before.key.Equal(e.key):
		b.byKid[e.kid] = entry{e.kid, before.key, union(before.algorithms, e.algorithms)}
	default:
		// RFC 7517 section 4.5: keys of one set have distinct kids. To choose one of the two would be to guess.
		delete(b.byKid, e.kid)
		b.torn[e.kid] = true
		b.skipped[causeDuplicateKid] += 2
	}
}

func (b *builder) set() *Set {
	s := &Set{byKid: b.byKid, kidless: b.kidless, byAlg: make(map[jws.Algorithm]candidate), skipped: b.skipped}
	for _, e := range s.byKid {
		s.offer(e)
	}
	for _, e := range s.kidless {
		s.offer(e)
	}
	return s
}

// offer makes e a candidate for tokens without a kid. The same material twice is one candidate.
func (s *Set) offer(e entry) {
	// The algorithms of one key mostly meet the same rival, and numbers of 2048 bits are compared once.
	var rival *jws.Key
	same := false
	for _, alg := range e.algorithms {
		c, taken := s.byAlg[alg]
		if !taken {
			s.byAlg[alg] = candidate{key: e.key}
			continue
		}
		if c.ambiguous {
			continue
		}
		if c.key != rival {
			rival, same = c.key, c.key.Equal(e.key)
		}
		if !same {
			s.byAlg[alg] = candidate{ambiguous: true}
		}
	}
}

func union(a, b []jws.Algorithm) []jws.Algorithm {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// countsText renders "use 1, private 2" in a fixed order behind prefix, or nothing.
func countsText(counts map[string]int, prefix string) string {
	if len(counts) == 0 {
		return ""
	}
	var b strings.Builder
	for i, cause := range slices.Sorted(maps.Keys(counts)) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %d", cause, counts[cause])
	}
	return prefix + b.String()
}
