package issue

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/signing"
)

// key is one key that signs. It does not change.
type key struct {
	id        string
	algorithm core.Algorithm
	header    string          // of every token, encoded, with the dot after it
	jwk       json.RawMessage // the public half (RFC 7517 section 4); nil for a secret
	signature func(ctx context.Context, input []byte) ([]byte, error)
}

// newKey takes a private key in hand, or one that is elsewhere. Without an id its
// thumbprint is its id (RFC 7638). typ is the header of its tokens.
func newKey(id string, algorithm core.Algorithm, private crypto.Signer, typ string) (*key, error) {
	public, err := signing.PublicOf(private)
	if err != nil {
		return nil, err
	}
	verifying, err := jws.NewKey(public)
	if err != nil {
		return nil, err
	}
	if !verifying.Fits(jws.Algorithm(algorithm)) {
		return nil, fmt.Errorf("got algorithm %s, want one of %q for this key", quote(string(algorithm)), verifying.Algorithms())
	}
	// With alg, no verifier can be talked into another algorithm for it (RFC 7517 section 4.4).
	jwk := jose.JSONWebKey{Key: public, KeyID: id, Algorithm: string(algorithm), Use: "sig"}
	if id == "" {
		thumbprint, err := jwk.Thumbprint(crypto.SHA256)
		if err != nil {
			return nil, err
		}
		jwk.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	}
	k := &key{id: jwk.KeyID, algorithm: algorithm}
	if k.jwk, err = jwk.MarshalJSON(); err != nil {
		return nil, err
	}
	if k.header, err = headerOf(algorithm, k.id, typ); err != nil {
		return nil, err
	}
	k.signature = signing.Of(jws.Algorithm(algorithm), private, verifying, isInHand(private))
	return k, nil
}

func headerOf(algorithm core.Algorithm, id, typ string) (string, error) {
	header, err := json.Marshal(struct {
		Algorithm core.Algorithm `json:"alg"`
		ID        string         `json:"kid,omitempty"`
		Type      string         `json:"typ"`
	}{algorithm, id, typ})
	return base64.RawURLEncoding.EncodeToString(header) + ".", err
}

// generate makes a private key for an algorithm that has a public one.
func generate(algorithm core.Algorithm) (crypto.Signer, error) {
	switch algorithm {
	case core.ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case core.ES384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case core.ES512:
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case core.EdDSA, core.Ed25519:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	case core.RS256, core.RS384, core.RS512, core.PS256, core.PS384, core.PS512:
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	if slices.Contains(publicKeyAlgorithms(), algorithm) {
		return generateMLDSA(algorithm)
	}
	return nil, fmt.Errorf("got algorithm %s, want one with a public key, such as %s", quote(string(algorithm)), core.ES256)
}

// publicKeyAlgorithms are those that generate knows and newKey takes.
func publicKeyAlgorithms() []core.Algorithm {
	return append([]core.Algorithm{
		core.ES256, core.ES384, core.ES512, core.EdDSA, core.Ed25519,
		core.RS256, core.RS384, core.RS512, core.PS256, core.PS384, core.PS512,
	}, mldsaAlgorithms()...)
}

// copied returns a key in hand that shares no memory with the caller's. Other
// types are handles, which cannot be copied.
func copied(private crypto.Signer) (crypto.Signer, error) {
	if !isInHand(private) {
		return private, nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	return parsePKCS8(der)
}

// isInHand says that private is one of the standard library's own types.
func isInHand(private crypto.Signer) bool {
	switch private.(type) {
	case *ecdsa.PrivateKey, *rsa.PrivateKey, ed25519.PrivateKey:
		return true
	}
	_, is := mldsaAlgorithm(private)
	return is
}

func parsePKCS8(der []byte) (crypto.Signer, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("got octets that are no PKCS#8 private key") // the parser's text may quote them
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("got a %T, want a key that signs", parsed)
	}
	return private, nil
}
