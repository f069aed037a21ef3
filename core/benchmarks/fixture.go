package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

const (
	issuerURL = "https://issuer.example/tenant-7/"
	audience  = "https://api.example/orders"
	jwksURL   = "https://issuer.example/tenant-7/keys"
)

// fixture is one trusted key, with its issuer's key set and a good token: all that a contender is made of.
type fixture struct {
	alg      string
	signer   *jwttest.Issuer
	kid      string
	key      any    // crypto.PublicKey, or []byte for HMAC
	document []byte // the key set as JWKS
	token    string
}

func newFixture(alg string) *fixture {
	f := &fixture{alg: alg, signer: jwttest.NewIssuer(issuerURL), kid: "2026-11-signing-key"}
	if f.symmetric() {
		f.key = f.signer.Secret(alg)
	} else {
		f.key = f.signer.PublicKey(alg)
	}
	f.document = documentOf(f.jwk())
	f.token = f.sign(f.header(), payload(nil))
	return f
}

func (f *fixture) symmetric() bool { return strings.HasPrefix(f.alg, "HS") }

func (f *fixture) mldsa() bool { return strings.HasPrefix(f.alg, "ML-DSA-") }

func (f *fixture) jwk() jose.JSONWebKey {
	return jose.JSONWebKey{Key: f.key, KeyID: f.kid, Algorithm: f.alg, Use: "sig"}
}

func (f *fixture) header() map[string]any {
	return map[string]any{"alg": f.alg, "kid": f.kid, "typ": "at+jwt"}
}

// sign makes a token of any header and payload with the trusted key.
func (f *fixture) sign(header map[string]any, payload []byte) string {
	return f.signer.Sign(f.alg, mustJSON(header), payload)
}

// client reaches the key set without a socket.
func (f *fixture) client() *http.Client { return &http.Client{Transport: published(f.document)} }

type published []byte

func (p published) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"max-age=86400"}},
		Body:   io.NopCloser(bytes.NewReader(p)), ContentLength: int64(len(p)),
	}, nil
}

// payload returns what an access token of RFC 9068 says, 426 octets of it, with changes laid over it.
func payload(changes map[string]any) []byte {
	now := time.Now()
	claims := map[string]any{
		"iss": issuerURL, "sub": "auth0|66f1c2d3e4a5b6c7d8e9f0a1", "aud": []string{audience, "https://issuer.example/userinfo"},
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(24 * time.Hour).Unix(),
		"jti": "5f0c7a52-8c1e-4d8b-9e57-1f2a3b4c5d6e", "client_id": "s6BhdRkqt3-web", "sid": "b7e2",
		"scope": "openid profile orders:read orders:write", "email": "alice@customers.example",
		"roles": []string{"editor", "auditor"}, "auth_time": now.Add(-time.Minute).Unix(),
	}
	for name, value := range changes {
		claims[name] = value
	}
	return mustJSON(claims)
}

func documentOf(keys ...jose.JSONWebKey) []byte {
	return mustJSON(jose.JSONWebKeySet{Keys: keys})
}

func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("benchmarks: %v", err))
	}
	return data
}
