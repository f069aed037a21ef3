package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

var errSignature = errors.New("signature does not verify")

// primitive is the standard library's signature check alone, on octets in hand: no base64, no JSON, no key lookup, no
// claims. Everything else is compared with it.
func primitive(f *fixture) (task, error) {
	last := strings.LastIndexByte(f.token, '.')
	signed := []byte(f.token[:last])
	signature, err := base64.RawURLEncoding.DecodeString(f.token[last+1:])
	if err != nil {
		return task{}, err
	}
	check, err := checkOf(f, signature)
	if err != nil {
		return task{}, err
	}
	return task{"bare primitive", func() error {
		if !check(signed) {
			return errSignature
		}
		return nil
	}}, nil
}

func checkOf(f *fixture, signature []byte) (func(signed []byte) bool, error) {
	switch key := f.key.(type) {
	case []byte:
		mac, sum := hmac.New(sha256.New, key), make([]byte, 0, sha256.Size)
		return func(signed []byte) bool {
			mac.Reset()
			mac.Write(signed)
			return hmac.Equal(mac.Sum(sum), signature)
		}, nil
	case *rsa.PublicKey:
		return checkRSA(f.alg, key, signature), nil
	case *ecdsa.PublicKey:
		der, err := derOf(signature)
		return func(signed []byte) bool {
			digest := sha256.Sum256(signed)
			return ecdsa.VerifyASN1(key, digest[:], der)
		}, err
	case ed25519.PublicKey:
		return func(signed []byte) bool { return ed25519.Verify(key, signed, signature) }, nil
	}
	if check := checkMLDSA(f.key, signature); check != nil {
		return check, nil
	}
	return nil, fmt.Errorf("got a key of type %T, want one that a primitive takes", f.key)
}

func checkRSA(alg string, key *rsa.PublicKey, signature []byte) func(signed []byte) bool {
	if alg == "PS256" {
		options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
		return func(signed []byte) bool {
			digest := sha256.Sum256(signed)
			return rsa.VerifyPSS(key, crypto.SHA256, digest[:], signature, options) == nil
		}
	}
	return func(signed []byte) bool {
		digest := sha256.Sum256(signed)
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
	}
}

func derOf(signature []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(new(big.Int).SetBytes(signature[:len(signature)/2]))
		b.AddASN1BigInt(new(big.Int).SetBytes(signature[len(signature)/2:]))
	})
	return b.Bytes()
}
