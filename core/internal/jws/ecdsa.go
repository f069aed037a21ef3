package jws

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"fmt"
)

type ecdsaKey struct {
	curve  elliptic.Curve
	public *ecdsa.PublicKey
	usable []Algorithm // the one algorithm of the curve
	size   int         // octets of r and of s
}

func newECDSAKey(public *ecdsa.PublicKey) (*ecdsaKey, error) {
	if public == nil || public.Curve == nil {
		return nil, &KeyError{CauseKeyType, "got an ECDSA key without a curve"}
	}
	k, err := keyOn(public.Curve)
	if err != nil {
		return nil, err
	}
	//lint:ignore SA1019 Bytes panics for want of a coordinate, and only this tells.
	if public.X == nil || public.Y == nil {
		return nil, &KeyError{CausePoint, "got a point without coordinates"}
	}
	// Bytes refuses what is not on the curve, and the point at infinity.
	point, err := public.Bytes()
	if err != nil {
		return nil, &KeyError{CausePoint, err.Error()}
	}
	return k.at(point)
}

// Point is an ECDSA public key as an uncompressed point (SEC 1 section 2.3.3). It
// spares a key that is built for one signature the way through an
// [ecdsa.PublicKey], on which the point would be judged twice.
type Point struct {
	Curve  elliptic.Curve
	Octets []byte
}

func newECDSAPoint(p Point) (*ecdsaKey, error) {
	k, err := keyOn(p.Curve)
	if err != nil {
		return nil, err
	}
	return k.at(p.Octets)
}

// keyOn is a key that has no point yet. RFC 7518 section 3.4 binds each algorithm to
// one curve.
func keyOn(curve elliptic.Curve) (*ecdsaKey, error) {
	switch curve {
	case elliptic.P256():
		return &ecdsaKey{curve: curve, usable: es256, size: 32}, nil
	case elliptic.P384():
		return &ecdsaKey{curve: curve, usable: es384, size: 48}, nil
	case elliptic.P521():
		return &ecdsaKey{curve: curve, usable: es512, size: 66}, nil
	}
	return nil, &KeyError{CauseCurve, fmt.Sprintf("got %q, want P-256, P-384 or P-521", curveName(curve))}
}

var es256, es384, es512 = []Algorithm{ES256}, []Algorithm{ES384}, []Algorithm{ES512}

func (k *ecdsaKey) at(point []byte) (*ecdsaKey, error) {
	var err error
	if k.public, err = ecdsa.ParseUncompressedPublicKey(k.curve, point); err != nil {
		return nil, &KeyError{CausePoint, err.Error()}
	}
	return k, nil
}

func curveName(curve elliptic.Curve) string {
	if curve == nil {
		return ""
	}
	if params := curve.Params(); params != nil {
		return cut(params.Name)
	}
	return ""
}

func (k *ecdsaKey) algorithms() []Algorithm { return k.usable }

func (k *ecdsaKey) equal(other material) bool {
	o, ok := other.(*ecdsaKey)
	return ok && k.public.Equal(o.public)
}

func (k *ecdsaKey) verify(alg Algorithm, w *workspace, signature []byte) bool {
	// RFC 7518 section 3.4: r and s, each with its leading zeros.
	if len(signature) != 2*k.size {
		return false
	}
	der := w.signatureDER(signature[:k.size], signature[k.size:])
	return ecdsa.VerifyASN1(k.public, w.digest(alg), der)
}

// maxIntegers is the size of two DER INTEGERs of 66 octets, the most that an
// r and an s have: tag, length, and the zero octet that a forgery may call for.
const maxIntegers = 2 * (66 + 3)

// signatureDER encodes r and s as crypto/ecdsa takes them, a SEQUENCE of two
// INTEGERs. The result is part of w.
func (w *workspace) signatureDER(r, s []byte) []byte {
	integers := appendInteger(w.integers[:0], r)
	integers = appendInteger(integers, s)
	der := append(w.der[:0], 0x30)
	if len(integers) >= 0x80 {
		der = append(der, 0x81)
	}
	der = append(der, byte(len(integers)))
	return append(der, integers...)
}

// appendInteger appends an unsigned big-endian number as a DER INTEGER: without
// leading zeros but for the one that keeps it positive, and for zero itself.
func appendInteger(dst, octets []byte) []byte {
	octets = bytes.TrimLeft(octets, "\x00")
	sign := len(octets) == 0 || octets[0] >= 0x80
	size := len(octets)
	if sign {
		size++
	}
	dst = append(dst, 0x02, byte(size))
	if sign {
		dst = append(dst, 0)
	}
	return append(dst, octets...)
}
