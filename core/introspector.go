package core

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

const (
	inactiveAge = 10 * time.Second // an inactive token stays so
	maxInactive = 4096             // tokens; whoever sends them chooses how many there are
	maxAnswer   = jws.MaxLength    // octets of an answer that is remembered
)

// introspector asks an issuer about its opaque tokens and remembers what it said,
// by a keyed hash, so that no token is kept and nobody outside can aim at a slot.
type introspector struct {
	endpoint *keyset.Endpoint
	maxAge   time.Duration
	key      [sha256.Size]byte // of the hash; this process's own
	flights  singleflight.Group
	active   *lru.Cache[tokenHash, *finding] // nil: the issuer is asked each time
	inactive *lru.Cache[tokenHash, time.Time]
}

type tokenHash [sha256.Size]byte

// IntrospectionStats is what became of the questions to an issuer that hands out
// opaque tokens.
type IntrospectionStats struct {
	Calls      int // that ended
	Failures   int // those of them that failed
	Remembered int // active answers held, of which some may be too old to serve

	LastSuccess time.Time // of a call; zero if none
	LastFailure time.Time // of a call; zero if none
	LastError   string    // of the last failure; empty after a success
}

// finding is what the issuer said of a token. It does not change.
type finding struct {
	active bool
	kind   string    // of a token that is no access token; "" otherwise
	proofs bool      // "token_type" is DPoP
	named  bool      // "iss" is present
	until  time.Time // it serves; zero where it is not remembered
	payload
}

// newIntrospector opens what keys says, if it is an Introspection. c is valid.
func newIntrospector(c Config) *introspector {
	asked, ok := c.Keys.(Introspection)
	if !ok || c.Profile == ProfileLogoutToken { // a logout token is a JWT
		return nil
	}
	i := &introspector{
		endpoint: keyset.Introspection(c.Issuer, asked.URL, clientOf(asked.ClientID, asked.Secret, asked.Key, c.Issuer), asked.options(c)),
		maxAge:   asked.MaxAge, inactive: newAnswers[time.Time](maxInactive),
	}
	if asked.MaxAge > 0 {
		i.active = newAnswers[*finding](asked.Max)
	}
	_, _ = rand.Read(i.key[:]) // which never fails
	return i
}

func newAnswers[V any](size int) *lru.Cache[tokenHash, V] {
	table, err := lru.New[tokenHash, V](size)
	if err != nil {
		panic(err) // a size below one, which validate refuses
	}
	return table
}

// hash needs no HMAC: nobody sees it, so that nobody can lengthen what it is of.
func (i *introspector) hash(token string) tokenHash {
	var room [256]byte
	return sha256.Sum256(append(append(room[:0], i.key[:]...), token...))
}

// ask returns what the issuer says of a token, from memory or by asking. Who asks
// about the same token shares the call, which runs on a context of its own; each
// waits no longer than ctx.
func (i *introspector) ask(ctx context.Context, token string) (*finding, *Refusal) {
	hash := i.hash(token)
	if known := i.recall(hash); known != nil {
		return known, nil
	}
	if ctx.Err() != nil { // who is gone must not cost a call
		return nil, unavailable(ReasonIntrospectionUnavailable, 0, context.Cause(ctx))
	}
	select {
	case landed := <-i.flights.DoChan(string(hash[:]), func() (any, error) { return i.fly(hash, token) }):
		if landed.Err != nil {
			var after time.Duration
			if failure, ok := errors.AsType[*keyset.AskError](landed.Err); ok {
				after = failure.RetryAfter
			}
			return nil, unavailable(ReasonIntrospectionUnavailable, after, landed.Err)
		}
		return landed.Val.(*finding), nil
	case <-ctx.Done():
		return nil, unavailable(ReasonIntrospectionUnavailable, 0, context.Cause(ctx))
	}
}

// ready finds out where to ask. It asks about no token.
func (i *introspector) ready(ctx context.Context) *Refusal {
	if i == nil {
		return nil
	}
	if err := i.endpoint.Locate(ctx); err != nil {
		return unavailable(ReasonIntrospectionUnavailable, 0, err)
	}
	return nil
}

// stats is nil where nobody is asked.
func (i *introspector) stats() *IntrospectionStats {
	if i == nil {
		return nil
	}
	s := i.endpoint.Stats()
	stats := &IntrospectionStats{
		Calls: s.Calls, Failures: s.Failures,
		LastSuccess: s.LastSuccess, LastFailure: s.LastFailure, LastError: s.LastError,
	}
	if i.active != nil {
		stats.Remembered = i.active.Len()
	}
	return stats
}

// recall returns what is remembered and still serves.
func (i *introspector) recall(hash tokenHash) *finding {
	now := time.Now()
	if i.active != nil {
		if known, ok := i.active.Get(hash); ok && now.Before(known.until) {
			return known
		}
	}
	if until, ok := i.inactive.Get(hash); ok && now.Before(until) {
		return &finding{}
	}
	return nil
}

// fly asks the issuer once. What it says is dated from before the question, so that
// nothing serves for longer than it should.
func (i *introspector) fly(hash tokenHash, token string) (*finding, error) {
	// An earlier call may have ended after the caller had looked.
	if known := i.recall(hash); known != nil {
		return known, nil
	}
	asked := time.Now()
	var found *finding
	err := i.endpoint.Ask(token, func(document string) (err error) {
		found, err = readFinding(document)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case !found.active:
		i.inactive.Add(hash, time.Now().Add(inactiveAge))
		if i.active != nil {
			i.active.Remove(hash)
		}
	case i.active != nil && len(found.Claims.payload) <= maxAnswer:
		if found.until = asked.Add(i.maxAge); !found.Expiry.IsZero() && found.Expiry.Before(found.until) {
			found.until = found.Expiry
		}
		i.active.Add(hash, found)
	}
	return found, nil
}

// readFinding reads an answer (RFC 7662 section 2.2) as strictly as a token's
// payload is read. Of an inactive token it believes nothing else.
func readFinding(document string) (*finding, error) {
	f, known := &finding{}, false
	err := jws.ReadObject(document, func(name string, value jws.Value) error {
		switch name {
		case "active":
			known, f.active = value.Kind() == 't' || value.Kind() == 'f', value.Kind() == 't'
		case "iss":
			f.named = true
		case "token_type", "token_use", "typ":
			text, _ := value.Text()
			if strings.EqualFold(text, "refresh_token") || strings.EqualFold(text, "refresh") || strings.EqualFold(text, "n_a") {
				f.kind = text
			}
			f.proofs = f.proofs || name == "token_type" && strings.EqualFold(text, "DPoP")
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case !known:
		return nil, &mismatch{"active", "none, or no boolean", []string{"true", "false"}}
	case !f.active:
		return &finding{}, nil
	}
	var refusal *Refusal
	if f.payload, refusal = readPayload(document); refusal != nil {
		return nil, refusal.cause
	}
	return f, nil
}
