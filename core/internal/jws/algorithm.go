package jws

import "crypto"

// Algorithm is the name of a signature algorithm as the header member "alg"
// spells it. Names are compared byte for byte (RFC 7515 section 4.1.1).
type Algorithm string

// The algorithms that a [Key] can verify: RFC 7518 section 3.1 without "none",
// RFC 8037 section 3.1, RFC 9864 section 2.2, and, in a program that was built with
// Go 1.27 or later, RFC 9964 section 3. EdDSA and Ed25519 are two names for one
// computation; a caller that allows one of them has not allowed the other.
const (
	HS256   Algorithm = "HS256"
	HS384   Algorithm = "HS384"
	HS512   Algorithm = "HS512"
	RS256   Algorithm = "RS256"
	RS384   Algorithm = "RS384"
	RS512   Algorithm = "RS512"
	PS256   Algorithm = "PS256"
	PS384   Algorithm = "PS384"
	PS512   Algorithm = "PS512"
	ES256   Algorithm = "ES256"
	ES384   Algorithm = "ES384"
	ES512   Algorithm = "ES512"
	EdDSA   Algorithm = "EdDSA"
	Ed25519 Algorithm = "Ed25519"
	MLDSA44 Algorithm = "ML-DSA-44"
	MLDSA65 Algorithm = "ML-DSA-65"
	MLDSA87 Algorithm = "ML-DSA-87"
)

// Known reports whether this program can verify a. "none" is not known, and
// neither are those of RFC 9964 in a program that was built with a Go before 1.27.
func (a Algorithm) Known() bool {
	return a == EdDSA || a == Ed25519 || a.hash() != 0 || a.MLDSA() && verifiesMLDSA
}

// MLDSA reports whether a is one of RFC 9964.
func (a Algorithm) MLDSA() bool {
	return a == MLDSA44 || a == MLDSA65 || a == MLDSA87
}

// Symmetric reports whether a is an HMAC, so that whoever can verify can also sign.
func (a Algorithm) Symmetric() bool {
	return a == HS256 || a == HS384 || a == HS512
}

// HashSize returns the size in octets of the hash that a names. It is the least
// length of an HMAC secret for a (RFC 7518 section 3.2). It is 0 for EdDSA, Ed25519
// and ML-DSA, which hash inside, and for an unknown algorithm.
func (a Algorithm) HashSize() int {
	if h := a.hash(); h != 0 {
		return h.Size()
	}
	return 0
}

func (a Algorithm) hash() crypto.Hash {
	switch a {
	case HS256, RS256, PS256, ES256:
		return crypto.SHA256
	case HS384, RS384, PS384, ES384:
		return crypto.SHA384
	case HS512, RS512, PS512, ES512:
		return crypto.SHA512
	}
	return 0
}
