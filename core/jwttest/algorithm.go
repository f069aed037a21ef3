package jwttest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // for crypto.SHA256
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
	"fmt"
	"slices"
)

// Algorithms returns the JOSE names of all algorithms an Issuer signs with (RFC 7518, section 3.1; RFC 8037; RFC 9864).
// Under Go 1.27 and later they are those of RFC 9964 as well.
func Algorithms() []string {
	return append([]string{
		"RS256", "RS384", "RS512",
		"PS256", "PS384", "PS512",
		"ES256", "ES384", "ES512",
		"EdDSA", "Ed25519",
		"HS256", "HS384", "HS512",
	}, mldsaAlgorithms()...)
}

// generateKey returns a crypto.Signer, or the []byte of an HMAC secret as long as its hash (RFC 7518, section 3.2).
func generateKey(alg string) any {
	mustExist(alg)
	switch alg {
	case "ES256":
		return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	case "ES384":
		return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	case "ES512":
		return must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	case "EdDSA", "Ed25519":
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return must(private, err)
	case "HS256", "HS384", "HS512":
		secret := make([]byte, hashOf(alg).Size())
		rand.Read(secret)
		return secret
	}
	if slices.Contains(mldsaAlgorithms(), alg) {
		return generateMLDSA(alg)
	}
	return generateRSAKey()
}

// signatureOf signs input. The key must be of the algorithm's kind; a secret may have any length.
func signatureOf(alg string, key any, input []byte) []byte {
	mustExist(alg)
	if slices.Contains(mldsaAlgorithms(), alg) {
		return must(key.(crypto.Signer).Sign(rand.Reader, input, crypto.Hash(0))) // pure, with an empty context
	}
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(key, input)
	case []byte:
		mac := hmac.New(hashOf(alg).New, key)
		mac.Write(input)
		return mac.Sum(nil)
	}

	hash := hashOf(alg)
	digest := hash.New()
	digest.Write(input)
	sum := digest.Sum(nil)
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		// RFC 7518, section 3.4: r and s side by side, both as long as the curve's order.
		r, s, err := ecdsa.Sign(rand.Reader, key, sum)
		size := (key.Params().BitSize + 7) / 8
		return append(must(r, err).FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	case *rsa.PrivateKey:
		if alg[0] == 'R' {
			return must(rsa.SignPKCS1v15(rand.Reader, key, hash, sum))
		}
		// RFC 7518, section 3.5: a salt as long as the hash.
		return must(rsa.SignPSS(rand.Reader, key, hash, sum, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}))
	}
	panic(fmt.Sprintf("jwttest: no signature with a %T", key))
}

func hashOf(alg string) crypto.Hash {
	switch alg[len(alg)-3:] {
	case "384":
		return crypto.SHA384
	case "512":
		return crypto.SHA512
	}
	return crypto.SHA256
}

func mustExist(alg string) {
	if !slices.Contains(Algorithms(), alg) {
		panic(fmt.Sprintf("jwttest: got algorithm %.64q, want one of %q", alg, Algorithms()))
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("jwttest: %v", err))
	}
	return value
}
