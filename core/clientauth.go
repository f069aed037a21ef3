package core

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
	"github.com/jwtmw/jwtmw/core/internal/signing"
)

// assertionLife is how long the assertion of one call serves. The issuer's clock may
// be behind this one, and not by more.
const assertionLife = time.Minute

// clientOf is how this service authenticates to the issuer: by its secret, or by a
// key that newAssertionKey takes.
func clientOf(id string, secret Secret, key crypto.Signer, issuer string) keyset.Client {
	if key == nil {
		return keyset.Client{ID: id, Authenticate: func(_ context.Context, _ url.Values, header http.Header) error {
			header.Set("Authorization", basic(id, secret))
			return nil
		}}
	}
	signer, err := newAssertionKey(key)
	if err != nil {
		panic(err) // validate has made one
	}
	return keyset.Client{ID: id, Authenticate: func(ctx context.Context, form url.Values, _ http.Header) error {
		assertion, err := signer.assert(ctx, id, issuer)
		if err != nil {
			return fmt.Errorf("client assertion: %w", err)
		}
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
		return nil
	}}
}

// basic encodes id and secret as a form before they become a user and a password
// (RFC 6749 section 2.3.1): either may hold a colon, and any octet.
func basic(id string, secret Secret) string {
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(string(secret))
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// assertionKey signs client assertions.
type assertionKey struct {
	algorithm jws.Algorithm
	sign      signing.Func
}

// newAssertionKey takes the algorithm that goes with the kind of key.
func newAssertionKey(private crypto.Signer) (assertionKey, error) {
	public, err := signing.PublicOf(private)
	if err != nil {
		return assertionKey{}, err
	}
	verifying, err := jws.NewKey(public)
	if err != nil {
		return assertionKey{}, err
	}
	inHand := false
	switch private.(type) {
	case *ecdsa.PrivateKey, *rsa.PrivateKey, ed25519.PrivateKey:
		inHand = true
	}
	for _, algorithm := range []jws.Algorithm{jws.ES256, jws.EdDSA, jws.RS256} {
		if verifying.Fits(algorithm) {
			return assertionKey{algorithm, signing.Of(algorithm, private, verifying, inHand)}, nil
		}
	}
	return assertionKey{}, fmt.Errorf("got a key for %q, want one for ES256, EdDSA or RS256", verifying.Algorithms())
}

// assert makes the assertion of one call (RFC 7523 section 3). Its audience is the
// issuer, which no endpoint can present to another.
func (k assertionKey) assert(ctx context.Context, client, issuer string) (string, error) {
	now := time.Now()
	claims, err := json.Marshal(struct {
		Issuer   string `json:"iss"`
		Subject  string `json:"sub"`
		Audience string `json:"aud"`
		ID       string `json:"jti"`
		IssuedAt int64  `json:"iat"`
		Expiry   int64  `json:"exp"`
	}{client, client, issuer, rand.Text(), now.Unix(), now.Add(assertionLife).Unix()})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	input := encode([]byte(`{"alg":"`+string(k.algorithm)+`","typ":"JWT"}`)) + "." + encode(claims)
	signature, err := k.sign(ctx, []byte(input))
	if err != nil {
		return "", err
	}
	return input + "." + encode(signature), nil
}
