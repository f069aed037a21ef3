package jwttest

import (
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// KeyID returns the "kid" of the key that signs for alg now: the RFC 7638 thumbprint of a public key, a random text
// for a secret.
func (i *Issuer) KeyID(alg string) string { return i.keys.current(alg).id }

// PrivateKey returns the key that signs for alg now, to make what [Issuer.Sign] cannot. It panics for HS256, HS384
// and HS512, which have a [Issuer.Secret].
func (i *Issuer) PrivateKey(alg string) crypto.Signer { return i.keys.current(alg).signer() }

// PublicKey returns the public half of [Issuer.PrivateKey].
func (i *Issuer) PublicKey(alg string) crypto.PublicKey { return i.keys.current(alg).signer().Public() }

// PublicJWK returns the public key of alg as a JWK, as it stands in the key set. It panics for HS256, HS384 and HS512.
func (i *Issuer) PublicJWK(alg string) json.RawMessage {
	key := i.keys.current(alg)
	return key.jwk(key.signer().Public())
}

// PrivateJWK returns the private key or the secret of alg as a JWK, for a test that leaks it with [Issuer.Publish].
func (i *Issuer) PrivateJWK(alg string) json.RawMessage {
	key := i.keys.current(alg)
	return key.jwk(key.private)
}

// Secret returns the secret of HS256, HS384 or HS512, as many random bytes as the hash has. It never stands in the
// key set. It panics for other algorithms.
func (i *Issuer) Secret(alg string) []byte {
	secret, ok := i.keys.current(alg).private.([]byte)
	if !ok {
		panic(fmt.Sprintf("jwttest: got algorithm %q, which has no secret, want one of HS256, HS384, HS512", alg))
	}
	return append([]byte(nil), secret...)
}

// signingKey is one key of an issuer. It never changes.
type signingKey struct {
	alg     string
	id      string
	private any // crypto.Signer or []byte
}

func newSigningKey(alg string) *signingKey {
	key := &signingKey{alg: alg, private: generateKey(alg)}
	if key.isSecret() {
		key.id = rand.Text() // a thumbprint would tell about the secret (RFC 7638, section 7)
		return key
	}
	public := jose.JSONWebKey{Key: key.signer().Public()}
	key.id = base64.RawURLEncoding.EncodeToString(must(public.Thumbprint(crypto.SHA256)))
	return key
}

func (k *signingKey) isSecret() bool {
	_, ok := k.private.([]byte)
	return ok
}

func (k *signingKey) signer() crypto.Signer {
	signer, ok := k.private.(crypto.Signer)
	if !ok {
		panic(fmt.Sprintf("jwttest: got algorithm %q, which has a secret, want one that has a public key", k.alg))
	}
	return signer
}

func (k *signingKey) jwk(material any) json.RawMessage {
	jwk := jose.JSONWebKey{Key: material, KeyID: k.id, Algorithm: k.alg, Use: "sig"}
	return must(jwk.MarshalJSON())
}
