package jws

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"testing"
)

var allAlgorithms = append([]Algorithm{
	HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519,
}, mldsaAlgorithms...)

// keyPair is a private key and the Key that verifies what it signs.
type keyPair struct {
	private any // Secret, *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey or *mldsa.PrivateKey
	key     *Key
}

// trusted holds the keys that tests sign with, other those of an attacker.
var trusted, other = keyRing(), keyRing()

// keyRing returns a function from an algorithm to its key pair, made when first
// asked for. Algorithms of one key type share one pair.
func keyRing() func(testing.TB, Algorithm) keyPair {
	secret := sync.OnceValues(func() (any, error) {
		s := make(Secret, 64)
		_, err := rand.Read(s)
		return s, err
	})
	rsaKey := sync.OnceValues(func() (any, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	p256 := sync.OnceValues(func() (any, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) })
	p384 := sync.OnceValues(func() (any, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) })
	p521 := sync.OnceValues(func() (any, error) { return ecdsa.GenerateKey(elliptic.P521(), rand.Reader) })
	edwards := sync.OnceValues(func() (any, error) {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	})
	makers := map[Algorithm]func() (any, error){
		HS256: secret, HS384: secret, HS512: secret,
		RS256: rsaKey, RS384: rsaKey, RS512: rsaKey, PS256: rsaKey, PS384: rsaKey, PS512: rsaKey,
		ES256: p256, ES384: p384, ES512: p521, EdDSA: edwards, Ed25519: edwards,
	}
	for _, alg := range mldsaAlgorithms {
		makers[alg] = sync.OnceValues(func() (any, error) { return generateMLDSA(alg) })
	}
	return func(t testing.TB, alg Algorithm) keyPair {
		t.Helper()
		private, err := makers[alg]()
		if err != nil {
			t.Fatal(err)
		}
		return keyPair{private, mustKey(t, publicPart(private))}
	}
}

func publicPart(private any) any {
	if signer, ok := private.(crypto.Signer); ok {
		return signer.Public()
	}
	return private
}

func mustKey(t testing.TB, material any) *Key {
	t.Helper()
	key, err := NewKey(material)
	if err != nil {
		t.Fatalf("NewKey(%T): %v", material, err)
	}
	return key
}

// sign returns the JWS signature of p over signed.
func (p keyPair) sign(t testing.TB, alg Algorithm, signed string) []byte {
	t.Helper()
	var signature []byte
	var err error
	switch private := p.private.(type) {
	case Secret:
		mac := hmac.New(alg.hash().New, private)
		mac.Write([]byte(signed))
		return mac.Sum(nil)
	case *rsa.PrivateKey:
		var options crypto.SignerOpts = alg.hash()
		if alg[0] == 'P' {
			options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: alg.hash()}
		}
		signature, err = private.Sign(rand.Reader, digest(alg.hash(), signed), options)
	case *ecdsa.PrivateKey:
		var der []byte
		if der, err = private.Sign(rand.Reader, digest(alg.hash(), signed), nil); err == nil {
			signature, err = fromDER(der, alg)
		}
	case crypto.Signer: // ed25519.PrivateKey or *mldsa.PrivateKey, which hash inside
		signature, err = private.Sign(nil, []byte(signed), crypto.Hash(0))
	default:
		err = fmt.Errorf("cannot sign with %T", private)
	}
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func digest(hash crypto.Hash, text string) []byte {
	h := hash.New()
	h.Write([]byte(text))
	return h.Sum(nil)
}

// coordinateSize has the octets of r and of s for each ECDSA algorithm.
var coordinateSize = map[Algorithm]int{ES256: 32, ES384: 48, ES512: 66}

func fromDER(der []byte, alg Algorithm) ([]byte, error) {
	var numbers struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &numbers); err != nil {
		return nil, err
	}
	return joinRS(numbers.R, numbers.S, coordinateSize[alg]), nil
}

func joinRS(r, s *big.Int, size int) []byte {
	signature := make([]byte, 2*size)
	r.FillBytes(signature[:size])
	s.FillBytes(signature[size:])
	return signature
}

func encode[T ~string | ~[]byte](octets T) string {
	return base64.RawURLEncoding.EncodeToString([]byte(octets))
}

// token returns a compact JWS over header and payload, signed by p.
func (p keyPair) token(t testing.TB, alg Algorithm, header, payload string) string {
	t.Helper()
	signed := encode(header) + "." + encode(payload)
	return signed + "." + encode(p.sign(t, alg, signed))
}

// plainToken returns a token with no more than "alg" in its header.
func plainToken(t testing.TB, alg Algorithm) string {
	t.Helper()
	return trusted(t, alg).token(t, alg, `{"alg":"`+string(alg)+`"}`, `{"iss":"https://issuer.example"}`)
}

var errNotAllowed = errors.New("algorithm not allowed")

// check takes token through the calls of this package as a caller would, who
// allows the algorithms in allowed and trusts key.
func check(token string, key *Key, allowed ...Algorithm) (Header, error) {
	c, err := Split(token)
	if err != nil {
		return Header{}, err
	}
	text, err := AppendDecode(nil, c.Header)
	if err != nil {
		return Header{}, err
	}
	header, err := ParseHeader(string(text))
	if err != nil {
		return Header{}, err
	}
	if !slices.Contains(allowed, header.Algorithm) {
		return header, errNotAllowed
	}
	if _, err := AppendDecode(nil, c.Payload); err != nil {
		return header, err
	}
	signature, err := AppendDecode(nil, c.Signature)
	if err != nil {
		return header, err
	}
	return header, key.Verify(header.Algorithm, c.Signed, signature)
}
