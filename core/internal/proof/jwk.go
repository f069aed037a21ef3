package proof

import (
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// jwk is a public key as it stands in the header of a proof (RFC 7517). It is read
// here and not by package keyset, because its thumbprint must be known before it is
// built, and because each request pays for it.
type jwk struct {
	kty, crv, alg string
	n, e, x, y    string // base64url as it stands
	hasAlg        bool
}

// secretMembers are the parameters that must never leave their owner (RFC 7518
// sections 6.2.2, 6.3.2 and 6.4, RFC 8037 section 2, RFC 9964).
var secretMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}

// errPrivate does not quote the key.
var errPrivate = errors.New("jwk: got a private or a secret key, want a public one")

// readJWK reads one JWK strictly. Members that are not known are ignored (RFC 7517
// section 4), keys and certificates that it points to above all.
func readJWK(text string) (k jwk, err error) {
	err = jws.ReadObject(text, func(name string, value jws.Value) error {
		if slices.Contains(secretMembers, name) {
			return errPrivate
		}
		var target *string
		switch name {
		case "kty":
			target = &k.kty
		case "crv":
			target = &k.crv
		case "n":
			target = &k.n
		case "e":
			target = &k.e
		case "x":
			target = &k.x
		case "y":
			target = &k.y
		case "alg":
			target, k.hasAlg = &k.alg, true
		case "use":
			if use, ok := value.Text(); !ok || use != "sig" { // RFC 7517 section 4.2
				return fmt.Errorf("jwk: got use %q, want sig", cut(string(value)))
			}
			return nil
		case "key_ops":
			if ops, ok := value.Texts(); !ok || !slices.Contains(ops, "verify") { // RFC 7517 section 4.3
				return fmt.Errorf("jwk: got key_ops %q, want verify among them", cut(string(value)))
			}
			return nil
		default:
			return nil
		}
		var ok bool
		if *target, ok = value.Text(); !ok {
			return fmt.Errorf("jwk: %q: got no string", name)
		}
		return nil
	})
	return k, err
}

// curves have the algorithm's curve and the octets of a coordinate (RFC 7518
// section 6.2.1).
var curves = map[string]struct {
	elliptic.Curve
	size int
}{
	"P-256": {elliptic.P256(), 32},
	"P-384": {elliptic.P384(), 48},
	"P-521": {elliptic.P521(), 66},
}

const (
	minModulus = 2048 / 8 // octets, RFC 7518 section 3.3
	maxModulus = 8192 / 8 // as package jws has it: no arithmetic on more
)

// check demands of each member the one spelling and length that it can have, so
// that no key has two thumbprints.
func (k *jwk) check(s *scratch) error {
	curve, known := curves[k.crv]
	switch {
	case k.kty == "EC" && known:
		return errors.Join(s.member("x", k.x, curve.size, curve.size), s.member("y", k.y, curve.size, curve.size))
	case k.kty == "OKP" && k.crv == "Ed25519":
		return s.member("x", k.x, ed25519.PublicKeySize, ed25519.PublicKeySize)
	case k.kty == "RSA" && k.e == "AQ":
		return errors.New("jwk: got e of 1, under which each signature is its own text")
	case k.kty == "RSA":
		return errors.Join(s.number("n", k.n, minModulus, maxModulus), s.number("e", k.e, 1, 4))
	}
	return fmt.Errorf("jwk: got kty %q and crv %q, want RSA, or EC or OKP with a curve that is known", cut(k.kty), cut(k.crv))
}

func (s *scratch) member(name, text string, least, most int) (err error) {
	if base64.RawURLEncoding.DecodedLen(len(text)) > most {
		return fmt.Errorf("jwk: %q: got more than %d octets", name, most)
	}
	if s.octets, err = jws.AppendDecode(s.octets[:0], text); err != nil {
		return fmt.Errorf("jwk: %q: %w", name, err)
	}
	if len(s.octets) < least {
		return fmt.Errorf("jwk: %q: got %d octets, want %d", name, len(s.octets), least)
	}
	return nil
}

// number is a Base64urlUInt, which has no leading zero octets (RFC 7518 section 2).
// The two of an RSA key are odd.
func (s *scratch) number(name, text string, least, most int) error {
	if err := s.member(name, text, least, most); err != nil {
		return err
	}
	if s.octets[0] == 0 {
		return fmt.Errorf("jwk: %q: got a leading zero octet", name)
	}
	if s.octets[len(s.octets)-1]%2 == 0 {
		return fmt.Errorf("jwk: %q: got an even number", name)
	}
	return nil
}

// thumbprint is that of RFC 7638 section 3, with SHA-256. What check has passed
// needs no escape in it. The result is part of s.
func (s *scratch) thumbprint(k jwk) []byte {
	text := s.text[:0]
	member := func(name, value string) {
		text = append(append(append(append(text, name...), `":"`...), value...), `","`...)
	}
	text = append(text, `{"`...)
	switch k.kty {
	case "EC":
		member("crv", k.crv)
		member("kty", k.kty)
		member("x", k.x)
		member("y", k.y)
	case "OKP":
		member("crv", k.crv)
		member("kty", k.kty)
		member("x", k.x)
	default:
		member("e", k.e)
		member("kty", k.kty)
		member("n", k.n)
	}
	s.text = append(text[:len(text)-len(`,"`)], '}')
	return s.hashText()
}

// build makes the key, under every rule that keys of issuers are held to.
func (k *jwk) build(s *scratch) (*jws.Key, error) {
	switch k.kty {
	case "EC":
		s.octets = append(s.octets[:0], 4) // an uncompressed point, SEC 1 section 2.3.3
		s.octets, _ = jws.AppendDecode(s.octets, k.x)
		s.octets, _ = jws.AppendDecode(s.octets, k.y)
		return jws.NewKey(jws.Point{Curve: curves[k.crv].Curve, Octets: s.octets})
	case "OKP":
		s.octets, _ = jws.AppendDecode(s.octets[:0], k.x)
		return jws.NewKey(ed25519.PublicKey(s.octets))
	}
	s.octets, _ = jws.AppendDecode(s.octets[:0], k.e)
	exponent := 0
	for _, octet := range s.octets {
		exponent = exponent<<8 | int(octet)
	}
	s.octets, _ = jws.AppendDecode(s.octets[:0], k.n)
	return jws.NewKey(&rsa.PublicKey{N: new(big.Int).SetBytes(s.octets), E: exponent})
}
