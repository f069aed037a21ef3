package jws

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func TestVerify(t *testing.T) {
	for _, alg := range allAlgorithms {
		t.Run(string(alg), func(t *testing.T) {
			pair := trusted(t, alg)
			for _, signed := range []string{"", "a.b", strings.Repeat("long", MaxLength)} {
				if err := pair.key.Verify(alg, signed, pair.sign(t, alg, signed)); err != nil {
					t.Errorf("%d octets: got %v, want acceptance", len(signed), err)
				}
			}
			token := plainToken(t, alg)
			if header, err := check(token, pair.key, alg); err != nil || header.Algorithm != alg {
				t.Errorf("token: got %+v, %v, want acceptance", header, err)
			}
			if _, err := check(token, other(t, alg).key, alg); !errors.Is(err, ErrSignature) {
				t.Errorf("token of another: got %v, want ErrSignature", err)
			}
		})
	}
}

// Each key verifies what it fits, and of everything else says so, whatever
// signature there is. That holds for one key pair that has the other's secret too.
func TestVerifyRefusesAlgorithm(t *testing.T) {
	for _, owner := range allAlgorithms {
		pair := trusted(t, owner)
		for _, alg := range allAlgorithms {
			if !pair.key.Fits(alg) {
				t.Run("A03b "+string(owner)+" key, "+string(alg), func(t *testing.T) {
					wantAlgorithmRefused(t, pair.key, alg, "a.b", trusted(t, alg).sign(t, alg, "a.b"))
				})
			}
		}
		for _, test := range unknownAlgorithms {
			t.Run(test.name+", "+string(owner)+" key", func(t *testing.T) {
				wantAlgorithmRefused(t, pair.key, test.alg, "a.b", nil)
				wantAlgorithmRefused(t, pair.key, test.alg, "a.b", pair.sign(t, owner, "a.b"))
			})
		}
	}
}

func wantAlgorithmRefused(t *testing.T, key *Key, alg Algorithm, signed string, signature []byte) {
	t.Helper()
	if err := key.Verify(alg, signed, signature); !errors.Is(err, ErrAlgorithm) {
		t.Errorf("%q: got %v, want ErrAlgorithm", alg, err)
	}
}

// A signature under one algorithm of a key is none under another.
func TestVerifyRefusesSibling(t *testing.T) {
	for _, alg := range rsaAlgorithms {
		pair := trusted(t, alg)
		signature := pair.sign(t, alg, "a.b")
		for _, sibling := range rsaAlgorithms {
			if err := pair.key.Verify(sibling, "a.b", signature); (err == nil) != (sibling == alg) {
				t.Errorf("A04 %s as %s: got %v", alg, sibling, err)
			}
		}
	}
	pair := trusted(t, HS256)
	for _, alg := range []Algorithm{HS384, HS512} {
		if err := pair.key.Verify(alg, "a.b", pair.sign(t, HS256, "a.b")); err != ErrSignature {
			t.Errorf("A04 HS256 as %s: got %v, want ErrSignature", alg, err)
		}
	}
}

// What an attacker has is the public key, in whatever spelling the issuer
// publishes it. As an HMAC secret none of them leads to a signature.
func TestVerifyRefusesPublicKeyAsSecret(t *testing.T) {
	for _, owner := range []Algorithm{RS256, ES256, ES384, ES512, EdDSA} {
		pair := trusted(t, owner)
		for name, spelling := range spellings(t, publicPart(pair.private)) {
			for _, alg := range []Algorithm{HS256, HS384, HS512} {
				t.Run("A03 "+string(owner)+" "+name+" "+string(alg), func(t *testing.T) {
					forger := keyPair{private: Secret(spelling)}
					token := forger.token(t, alg, `{"alg":"`+string(alg)+`"}`, `{}`)
					if _, err := check(token, pair.key, allAlgorithms...); !errors.Is(err, ErrAlgorithm) {
						t.Errorf("got %v, want ErrAlgorithm", err)
					}
				})
			}
		}
	}
}

func spellings(t *testing.T, public any) map[string]string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := json.Marshal(jose.JSONWebKey{Key: public})
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	all := map[string]string{
		"DER": string(der), "JWK": string(jwk), "PEM": text,
		"PEM with CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "PEM without last line break": strings.TrimSpace(text),
		"PEM behind a blank": " " + text, "PEM behind a line break": "\n" + text, "empty": "",
		"base64 of DER": base64.StdEncoding.EncodeToString(der),
	}
	switch key := public.(type) {
	case *rsa.PublicKey:
		pkcs1 := x509.MarshalPKCS1PublicKey(key)
		all["PKCS1"] = string(pkcs1)
		all["PKCS1 PEM"] = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1}))
		all["n"], all["n in base64url"] = string(key.N.Bytes()), encode(key.N.Bytes())
		all["SSH"] = sshLine("ssh-rsa", string(big.NewInt(int64(key.E)).Bytes()), "\x00"+string(key.N.Bytes()))
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		x := point[1 : 1+len(point)/2]
		all["point"], all["x"], all["x in base64url"] = string(point), string(x), encode(x)
	case ed25519.PublicKey:
		all["x"], all["x in base64url"] = string(key), encode(key)
		all["SSH"] = sshLine("ssh-ed25519", string(key))
	}
	return all
}

// sshLine writes a public key as authorized_keys has it (RFC 4253 section 6.6).
func sshLine(kind string, fields ...string) string {
	var blob []byte
	for _, field := range append([]string{kind}, fields...) {
		n := len(field)
		blob = append(blob, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		blob = append(blob, field...)
	}
	return kind + " " + base64.StdEncoding.EncodeToString(blob)
}

// The token of an attacker who sends a key along is judged by the trusted key.
func TestVerifyIgnoresKeysInHeader(t *testing.T) {
	pair, attacker := trusted(t, RS256), other(t, RS256)
	jwk, err := json.Marshal(jose.JSONWebKey{Key: publicPart(attacker.private), KeyID: "k"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, members string }{
		{"A05 jwk", `"jwk":` + string(jwk)},
		{"A05 jwk with the kid of the trusted key", `"kid":"k","jwk":` + string(jwk)},
		{"A05 oct jwk", `"jwk":{"kty":"oct","k":"AAAA"}`},
		{"A05b jku", `"jku":"https://attacker.example/jwks.json"`},
		{"A05b x5u", `"x5u":"http://169.254.169.254/latest"`},
		{"A05c x5c", `"x5c":["MIIB"]`},
		{"A05c jwks", `"jwks":{"keys":[` + string(jwk) + `]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			token := attacker.token(t, RS256, `{"alg":"RS256",`+test.members+`}`, `{}`)
			if _, err := check(token, pair.key, RS256); !errors.Is(err, ErrSignature) {
				t.Errorf("got %v, want ErrSignature", err)
			}
		})
	}
}

// Tokens that go-jose signs verify here.
func TestVerifyTakesGoJoseTokens(t *testing.T) {
	for _, alg := range allAlgorithms {
		if alg == Ed25519 {
			continue // a name that go-jose does not have
		}
		t.Run(string(alg), func(t *testing.T) {
			pair := trusted(t, alg)
			private := pair.private
			if secret, ok := private.(Secret); ok {
				private = []byte(secret)
			}
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: private}, nil)
			if err != nil {
				t.Fatal(err)
			}
			object, err := signer.Sign([]byte(`{"iss":"https://issuer.example"}`))
			if err != nil {
				t.Fatal(err)
			}
			token, err := object.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := check(token, pair.key, alg); err != nil {
				t.Errorf("got %v, want acceptance", err)
			}
		})
	}
}

func TestVerifyConcurrently(t *testing.T) {
	for _, alg := range []Algorithm{HS256, RS256, PS256, ES256, EdDSA} {
		pair := trusted(t, alg)
		good, bad := pair.sign(t, alg, "a.b"), pair.sign(t, alg, "a.c")
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 25 {
					if err := pair.key.Verify(alg, "a.b", good); err != nil {
						t.Errorf("%s: got %v, want acceptance", alg, err)
					}
					if err := pair.key.Verify(alg, "a.b", bad); err != ErrSignature {
						t.Errorf("%s: got %v, want ErrSignature", alg, err)
					}
				}
			})
		}
		group.Wait()
	}
}
