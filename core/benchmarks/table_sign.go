package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

const (
	signedSubject = "auth0|66f1c2d3e4a5b6c7d8e9f0a1"
	signedClient  = "s6BhdRkqt3-web"
	signedScope   = "orders:read orders:write"
	signedFor     = 15 * time.Minute
)

// signers make the same access token of RFC 9068, each with an "iat" and a random "jti" of its own.
type signers struct {
	alg     string
	private any // crypto.Signer, or []byte for HMAC
	kid     string
}

func newSigners(alg string) (s signers, err error) {
	s = signers{alg: alg, kid: "2026-11-signing-key"}
	switch alg {
	case "HS256":
		s.private, s.kid = []byte(rand.Text()+rand.Text()), "" // issue.Secrets publishes no key that a kid could name
	case "RS256", "PS256":
		s.private, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		s.private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EdDSA":
		_, s.private, err = ed25519.GenerateKey(rand.Reader)
	default:
		s.private, err = generateMLDSA(alg)
	}
	return s, err
}

// public is what verifies, as fixture.key is.
func (s signers) public() any {
	if private, ok := s.private.(crypto.Signer); ok {
		return private.Public()
	}
	return s.private
}

// bare is the standard library's signature alone, on the octets of a token of this issuer.
func (s signers) bare(input []byte) func() error {
	digest := func() []byte { sum := sha256.Sum256(input); return sum[:] }
	switch key := s.private.(type) {
	case []byte:
		mac, sum := hmac.New(sha256.New, key), make([]byte, 0, sha256.Size)
		return func() error { mac.Reset(); mac.Write(input); mac.Sum(sum); return nil }
	case *ecdsa.PrivateKey:
		return func() error { _, err := ecdsa.SignASN1(rand.Reader, key, digest()); return err }
	case *rsa.PrivateKey:
		if s.alg == "PS256" {
			options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
			return func() error { _, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest(), options); return err }
		}
		return func() error { _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest()); return err }
	case crypto.Signer: // Ed25519 and ML-DSA hash for themselves
		return func() error { _, err := key.Sign(rand.Reader, input, crypto.Hash(0)); return err }
	}
	panic(fmt.Sprintf("benchmarks: got a key of type %T, want one that signs", s.private))
}

func (s signers) jwtmw() (func() (string, error), error) {
	config := issue.Config{Issuer: issuerURL, Lifetime: signedFor}
	if key, ok := s.private.([]byte); ok {
		config.Keys = issue.Secrets{key}
	} else {
		config.Keys = issue.Signers{{ID: s.kid, Algorithm: core.Algorithm(s.alg), Key: s.private.(crypto.Signer)}}
	}
	i, err := issue.New(config)
	if err != nil {
		return nil, err
	}
	return func() (string, error) {
		return i.Sign(context.Background(), issue.Claims{
			Subject: signedSubject, ClientID: signedClient, Audience: []string{audience}, Scopes: []string{"orders:read", "orders:write"},
		})
	}, nil
}

// signedClaims is what golang-jwt and go-jose are given beside their registered claims.
type signedClaims struct {
	ClientID string `json:"client_id"`
	Scope    string `json:"scope"`
}

func (s signers) golangJWT() (func() (string, error), error) {
	method := jwt.GetSigningMethod(s.alg)
	if method == nil {
		return nil, nil
	}
	return func() (string, error) {
		now := time.Now()
		token := jwt.NewWithClaims(method, struct {
			jwt.RegisteredClaims
			signedClaims
		}{
			jwt.RegisteredClaims{
				Issuer: issuerURL, Subject: signedSubject, Audience: jwt.ClaimStrings{audience}, ID: rand.Text(),
				IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(signedFor)),
			},
			signedClaims{signedClient, signedScope},
		})
		token.Header["typ"] = "at+jwt"
		if s.kid != "" {
			token.Header["kid"] = s.kid
		}
		return token.SignedString(s.private)
	}, nil
}

func (s signers) goJose() (func() (string, error), error) {
	options := (&jose.SignerOptions{}).WithType("at+jwt")
	if s.kid != "" {
		options = options.WithHeader("kid", s.kid)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(s.alg), Key: s.private}, options)
	if err != nil {
		return nil, err
	}
	return func() (string, error) {
		now := time.Now()
		return josejwt.Signed(signer).Claims(josejwt.Claims{
			Issuer: issuerURL, Subject: signedSubject, Audience: josejwt.Audience{audience}, ID: rand.Text(),
			IssuedAt: josejwt.NewNumericDate(now), Expiry: josejwt.NewNumericDate(now.Add(signedFor)),
		}).Claims(signedClaims{signedClient, signedScope}).Serialize()
	}, nil
}

// signMaker makes what signs, or returns nil if it does not do the algorithm.
type signMaker struct {
	name string
	make func(s signers) (func() (string, error), error)
}

func signMakers() []signMaker {
	return []signMaker{{"jwtmw", signers.jwtmw}, {"golang-jwt", signers.golangJWT}, {"go-jose", signers.goJose}}
}

// signTable compares what one signed access token costs, by algorithm.
func signTable(w io.Writer, p plan) error {
	cells := map[string][]string{}
	for _, alg := range algorithms() {
		p := p
		if strings.HasPrefix(alg, "ML-DSA-") {
			p.slice *= 10 // it signs anew until chance pleases it (FIPS 204): a few signatures say nothing
		}
		costs, err := signCosts(p, alg)
		if err != nil {
			return fmt.Errorf("%s: %w", alg, err)
		}
		for _, name := range signRows() {
			cells[name] = append(cells[name], verificationCell(costs, name))
		}
	}
	m := markdown{columns: append([]string{"sign one token"}, algorithms()...)}
	for _, name := range signRows() {
		m.add(append([]string{name}, cells[name]...)...)
	}
	m.write(w, "Signing", "Microseconds of CPU, (times the bare signature), allocations. Each token has a random jti.")
	return nil
}

func signRows() []string {
	rows := []string{"bare signature"}
	for _, m := range signMakers() {
		rows = append(rows, m.name)
	}
	return rows
}

func signCosts(p plan, alg string) ([]cost, error) {
	s, err := newSigners(alg)
	if err != nil {
		return nil, err
	}
	tasks := []task{{"bare signature", nil}}
	for _, m := range signMakers() {
		sign, err := m.make(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		if sign == nil {
			continue
		}
		if tasks[0].run == nil {
			token, err := sign()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.name, err)
			}
			tasks[0].run = s.bare(signedPart(token))
		}
		tasks = append(tasks, task{m.name, func() error { _, err := sign(); return err }})
	}
	return measure(p, tasks)
}

// signedPart is what the signature of a token covers.
func signedPart(token string) []byte { return []byte(token[:strings.LastIndexByte(token, '.')]) }
