package issue

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
)

// Sealer encrypts the document of a Ring, and notices whoever changed it. A KMS
// fits as well as SealWith. Its methods must heed ctx and be safe for concurrent
// use.
type Sealer interface {
	// Seal returns plain, encrypted and authenticated.
	Seal(ctx context.Context, plain []byte) ([]byte, error)

	// Open returns what Seal was given. It is an error if sealed is not what Seal
	// returned.
	Open(ctx context.Context, sealed []byte) ([]byte, error)
}

// SealWith seals with AES-256-GCM under a random nonce. The first key seals and
// each opens, so that the key can be changed; the package comment says how. Each
// is 32 random octets (openssl rand -out sealing.key 32), which New holds it to.
// The keys are copied.
//
// What is sealed is text: "jwtmw.sealed.1." and base64url.
func SealWith(keys ...[]byte) Sealer {
	s := &gcmSealer{}
	for i, k := range keys {
		if len(k) != 32 {
			s.mistakes.addf("SealWith: key %d has %d octets, want 32", i+1, len(k))
			continue
		}
		block, err := aes.NewCipher(k)
		if err == nil {
			var aead cipher.AEAD
			aead, err = cipher.NewGCMWithRandomNonce(block)
			s.aeads = append(s.aeads, aead)
		}
		s.mistakes.add(err)
	}
	if len(keys) == 0 {
		s.mistakes.addf("SealWith: got no key, want one of 32 octets at least")
	}
	return s
}

// gcmSealer is a pointer wherever it goes, so that printing a Ring shows no key.
type gcmSealer struct {
	aeads    []cipher.AEAD
	mistakes mistakes
}

// sealedPrefix tells what sealed it, and is authenticated with it.
const sealedPrefix = "jwtmw.sealed.1."

func (s *gcmSealer) validate() error { return errors.Join(s.mistakes...) }

// String keeps the keys out of logs.
func (s *gcmSealer) String() string { return "[sealer]" }

// GoString is String for the verb %#v.
func (s *gcmSealer) GoString() string { return s.String() }

func (s *gcmSealer) Seal(_ context.Context, plain []byte) ([]byte, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	sealed := s.aeads[0].Seal(nil, nil, plain, []byte(sealedPrefix))
	return base64.RawURLEncoding.AppendEncode([]byte(sealedPrefix), sealed), nil
}

func (s *gcmSealer) Open(_ context.Context, sealed []byte) ([]byte, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	text, ok := bytes.CutPrefix(sealed, []byte(sealedPrefix))
	if !ok {
		return nil, fmt.Errorf("it is not sealed by SealWith: got no %q at its beginning", sealedPrefix)
	}
	box, err := base64.RawURLEncoding.Strict().AppendDecode(nil, text)
	if err != nil {
		return nil, errors.New("it is no base64url")
	}
	for _, aead := range s.aeads {
		if plain, err := aead.Open(nil, nil, box, []byte(sealedPrefix)); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("none of %d keys opens it: it was sealed with another one, or changed since", len(s.aeads))
}
