package proof

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// nonceWindow replaces the window of "iat" where a nonce dates the proof: nonces
// are for clients with bad clocks (RFC 9449 section 11.1).
const nonceWindow = 5 * time.Minute

// Rules say which proofs pass. They do not change; the zero Rules let none pass.
type Rules struct {
	URLs       []URL           // of this service
	Algorithms []jws.Algorithm // of proofs
	MaxAge     time.Duration   // since "iat", Leeway apart
	Leeway     time.Duration   // of the clocks
	Nonces     *Nonces         // nil: no nonce is asked for
}

// Question is a proof with what it has to prove.
type Question struct {
	Proof      string // the one value of the field DPoP
	Token      string // the access token as it was sent
	Thumbprint string // "jkt": of the key to which the token is bound
	Method     string
	Path       string // as it stood on the wire
	Now        time.Time
}

// Proven is what is left to do for a proof that is good by itself.
type Proven struct {
	ID    ID        // to be claimed, so that the proof passes once
	Until time.Time // the last instant at which this proof could pass
	Nonce string    // for the client to use from now on; "" where its own is the newest
}

// ID names a proof by its key and its jti: no client can use up another's.
type ID [16]byte

// String is base64url, of 22 characters.
func (id ID) String() string { return base64.RawURLEncoding.EncodeToString(id[:]) }

// Judge decides about one proof, by everything that RFC 9449 section 4.3 lists but
// for whether the proof was used before.
func (r *Rules) Judge(q Question) (Proven, *Fault) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	compact, err := jws.Split(q.Proof)
	if err != nil {
		return Proven{}, broken(err)
	}
	h, err := s.header(compact.Header)
	if err != nil {
		return Proven{}, broken(err)
	}
	// Before a key is built: of the keys that strangers bring, none costs more than
	// a hash. A stolen token with a proof of the thief's own key ends here.
	if got := s.thumbprint(h.key); string(got) != q.Thumbprint {
		return Proven{}, &Fault{Kind: OtherKey, member: "thumbprint of jwk", got: string(got), want: "the token's jkt"}
	}
	if fault := r.judgeHeader(h); fault != nil {
		return Proven{}, fault
	}
	c, err := s.claims(compact.Payload)
	if err != nil {
		return Proven{}, broken(err)
	}
	proven, fault := r.judgeClaims(q, c, string(s.hash(q.Token)) == c.ath)
	if fault != nil {
		return Proven{}, fault
	}
	if err := s.verify(h, compact); err != nil {
		return Proven{}, broken(err)
	}
	proven.ID = s.id(q.Thumbprint, c.jti)
	return proven, nil
}

func (r *Rules) judgeHeader(h header) *Fault {
	typ := h.typ
	// RFC 7515 section 4.1.9: the prefix may be left out, and case does not count.
	if prefix := "application/"; len(typ) == len(prefix)+len(mediaType) && strings.EqualFold(typ[:len(prefix)], prefix) {
		typ = typ[len(prefix):]
	}
	if !strings.EqualFold(typ, mediaType) {
		return mismatch("typ", h.typ, mediaType)
	}
	if !slices.Contains(r.Algorithms, h.alg) {
		return mismatch("alg", string(h.alg), "one of those that the challenge lists")
	}
	return nil
}

const mediaType = "dpop+jwt"

// judgeClaims holds the claims against the request, the token and the clock, as
// RFC 9449 section 4.3 numbers them: 12a, 8, 9, 11, 10 and 3.
func (r *Rules) judgeClaims(q Question, c claims, sameToken bool) (proven Proven, fault *Fault) {
	if !sameToken {
		return proven, mismatch("ath", c.ath, "the hash of the access token")
	}
	if c.htm != q.Method { // methods have a case (RFC 9110 section 9.1)
		return proven, mismatch("htm", c.htm, q.Method)
	}
	if q.Path == "" {
		return proven, mismatch("path of the request", "", "one that was read from a wire")
	}
	if !matches(r.URLs, c.htu, q.Path) {
		return proven, mismatch("htu", c.htu, "the URL of the request under one of DPoP.URLs")
	}
	if proven.Until, fault = r.judgeTime(q.Now, c); fault != nil {
		return proven, fault
	}
	if r.Nonces != nil {
		nonce := r.Nonces.judge(c.nonce, q.Now)
		if !nonce.known {
			return proven, &Fault{Kind: WantsNonce, member: "nonce", got: c.nonce, want: "one that this service gave in the last minute"}
		}
		proven.Until = earlier(proven.Until, nonce.until)
		proven.Nonce = nonce.next
	}
	if n := len(c.jti); n == 0 || n > maxID {
		return proven, mismatch("jti", c.jti, "1 to 256 octets")
	}
	return proven, nil
}

// maxID is the longest jti in octets (RFC 9449 section 11.1).
const maxID = 256

// judgeTime returns the last instant at which a proof of these dates could pass.
func (r *Rules) judgeTime(now time.Time, c claims) (until time.Time, fault *Fault) {
	back, ahead := r.MaxAge+r.Leeway, r.Leeway
	if r.Nonces != nil {
		back, ahead = nonceWindow, nonceWindow
	}
	until = c.iat.Add(back)
	switch {
	case now.After(until):
		return until, wrongDate("iat", c.iat, "not before", now.Add(-back))
	case c.iat.After(now.Add(ahead)):
		return until, wrongDate("iat", c.iat, "not after", now.Add(ahead))
	case !c.exp.IsZero() && !now.Before(c.exp.Add(r.Leeway)): // RFC 7519 section 4.1.4
		return until, wrongDate("exp", c.exp, "after", now.Add(-r.Leeway))
	case now.Before(c.nbf.Add(-r.Leeway)): // RFC 7519 section 4.1.5
		return until, wrongDate("nbf", c.nbf, "not after", now.Add(r.Leeway))
	}
	return until, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// scratch is the room that decoding needs and nobody keeps.
type scratch struct {
	text, octets, signature []byte
	hashed                  [43]byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// verify builds the key, which fits the token's jkt by now, and has it judge the
// signature.
func (s *scratch) verify(h header, compact jws.Compact) error {
	key, err := h.key.build(s)
	if err != nil {
		return err
	}
	if s.signature, err = jws.AppendDecode(s.signature[:0], compact.Signature); err != nil {
		return err
	}
	return key.Verify(h.alg, compact.Signed, s.signature)
}

// hash returns the base64url of a text's SHA-256: an "ath" (RFC 9449 section 4.2), which
// is compared as text, since to decode it would let other spellings pass. The result is
// part of s.
func (s *scratch) hash(text string) []byte {
	s.text = append(s.text[:0], text...)
	return s.hashText()
}

func (s *scratch) hashText() []byte {
	sum := sha256.Sum256(s.text)
	base64.RawURLEncoding.Encode(s.hashed[:], sum[:])
	return s.hashed[:]
}

// id hashes key and jti. A thumbprint has a fixed length, so that no two pairs
// make one text.
func (s *scratch) id(thumbprint, jti string) (id ID) {
	s.text = append(append(append(s.text[:0], thumbprint...), 0), jti...)
	sum := sha256.Sum256(s.text)
	copy(id[:], sum[:])
	return id
}
