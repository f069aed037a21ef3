package jws

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
)

// Errors of [Key.Verify], for errors.Is.
var (
	ErrSignature = errors.New("signature does not verify")
	ErrAlgorithm = errors.New("algorithm does not fit the key")
)

// Key is a public key or a secret that has passed the rules of [NewKey] and is
// ready to verify. It never changes, and it is safe for concurrent use. The zero
// Key verifies nothing.
type Key struct {
	material material
}

// material is what the kinds of keys have in common.
type material interface {
	algorithms() []Algorithm
	equal(other material) bool

	// verify is called with one of algorithms only.
	verify(alg Algorithm, w *workspace, signature []byte) bool
}

// NewKey takes an *rsa.PublicKey, *ecdsa.PublicKey, [Point], ed25519.PublicKey,
// [Secret] or [Secrets], and in a program built with Go 1.27 or later an
// *mldsa.PublicKey, and copies what it needs of it. The error is a [*KeyError].
// It is refused:
//
//   - RSA: a modulus that is even or not of 2048 to 8192 bits, an exponent that
//     is even, below 3 or above 2^31-1, and a modulus as the ROCA generator makes them
//     (RFC 7518 section 3.3, CVE-2017-15361);
//   - ECDSA: another curve than P-256, P-384 and P-521, and a point that is
//     not on its curve (RFC 7518 section 3.4);
//   - Ed25519: another size than 32 octets, a coordinate that is not reduced, and
//     the points of low order, for which anyone can sign (RFC 8032 section 5.1.3);
//   - ML-DSA: nil, and the zero key;
//   - Secret, and each of Secrets: fewer than 32 octets (RFC 7518 section 3.2);
//   - everything else, private keys too.
func NewKey(material any) (*Key, error) {
	switch m := material.(type) {
	case *rsa.PublicKey:
		return newKey(newRSAKey(m))
	case *ecdsa.PublicKey:
		return newKey(newECDSAKey(m))
	case Point:
		return newKey(newECDSAPoint(m))
	case ed25519.PublicKey:
		return newKey(newEd25519Key(m))
	case Secret:
		return newKey(newHMACKey(Secrets{m}))
	case Secrets:
		return newKey(newHMACKey(m))
	}
	if m, is, err := newMLDSAKey(material); is {
		return newKey(m, err)
	}
	return nil, &KeyError{CauseKeyType, fmt.Sprintf("got %T, want *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey or a secret", material)}
}

func newKey(m material, err error) (*Key, error) {
	if err != nil {
		return nil, err
	}
	return &Key{m}, nil
}

// Algorithms returns every algorithm that k can verify, in a new slice: the RS
// and the PS family for an RSA key, the one ES algorithm of its curve for an
// ECDSA key, EdDSA and Ed25519 for an Ed25519 key, the one of its parameter set
// for an ML-DSA key, and for a secret those HS algorithms whose hash is not
// longer than the secret.
func (k *Key) Algorithms() []Algorithm {
	if k.material == nil {
		return nil
	}
	return slices.Clone(k.material.algorithms())
}

// Fits reports whether alg is one of [Key.Algorithms].
func (k *Key) Fits(alg Algorithm) bool {
	return k.material != nil && slices.Contains(k.material.algorithms(), alg)
}

// Equal reports whether k and other are the same public key or the same secret.
func (k *Key) Equal(other *Key) bool {
	if k == other {
		return k.material != nil // as nearly always: numbers of 2048 bits need not be compared
	}
	return k.material != nil && k.material.equal(other.material)
}

// Verify reports whether signature is k's over signed, the [Compact.Signed] of
// a token: nil if so, else [ErrSignature]. It is [ErrAlgorithm] if alg does not
// fit k, so that no header can turn a public key into a secret (RFC 8725
// section 2.1).
func (k *Key) Verify(alg Algorithm, signed string, signature []byte) error {
	if !k.Fits(alg) {
		return fmt.Errorf("%w: got %q, want one of %q", ErrAlgorithm, cut(string(alg)), k.Algorithms())
	}
	w := newWorkspace(signed)
	defer w.release()
	if !k.material.verify(alg, w, signature) {
		return ErrSignature
	}
	return nil
}
