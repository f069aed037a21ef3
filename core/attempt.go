package core

import (
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// attempt is one token on its way, and what is known of it so far.
type attempt struct {
	presentation
	token     string
	now       time.Time
	compact   jws.Compact
	signature []byte // in a scratch: valid until the attempt is over
	header    jws.Header
	familiar  bool // the header's text was known from a token that verified
	payload   payload
	issuer    *issuer
	key       *jws.Key
	proven    proof.Proven
	claimed   *proof.ID // by a guard that has judged this very request before
}

// scratch is the room that decoding needs and nobody keeps. A token is at most
// jws.MaxLength long, and so are they.
type scratch struct{ payload, sig []byte }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// text decodes a segment of JSON into a string of its own.
func (s *scratch) text(segment string) (text string, err error) {
	s.payload, err = jws.AppendDecode(s.payload[:0], segment)
	return string(s.payload), err
}

// signature decodes a signature. It is valid until the scratch is put back.
func (s *scratch) signature(segment string) (signature []byte, err error) {
	s.sig, err = jws.AppendDecode(s.sig[:0], segment)
	return s.sig, err
}
