package jwttest_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestSignKeepsEveryByte(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	tests := []struct {
		name            string
		header, payload string
	}{
		{"duplicate members", `{"alg":"ES256","alg":"none"}`, `{"sub":"a","sub":"b"}`},
		{"byte order mark and trailing bytes", "\ufeff{}", `{} {}`},
		{"no JSON", "\xff\x00", "\r\n"},
		{"nothing", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			token := issuer.Sign("Ed25519", []byte(test.header), []byte(test.payload))
			parts := strings.Split(token, ".")
			if got := decode(t, parts[0]); string(got) != test.header {
				t.Errorf("got header %q, want %q", got, test.header)
			}
			if got := verifyEd25519(t, issuer, token); string(got) != test.payload {
				t.Errorf("got payload %q, want %q", got, test.payload)
			}
		})
	}
}

func TestHMACUnderAPublicKey(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	tests := []struct {
		alg  string
		want []string
	}{
		{"RS256", []string{
			"PKIX PEM", "PKIX PEM with CRLF", "PKIX PEM without its last newline", "PKIX PEM after a blank", "PKIX DER",
			"PKCS1 PEM", "PKCS1 PEM with CRLF", "PKCS1 PEM without its last newline", "PKCS1 PEM after a blank", "PKCS1 DER",
			"JWK", "n as text", "n",
		}},
		{"ES256", []string{
			"PKIX PEM", "PKIX PEM with CRLF", "PKIX PEM without its last newline", "PKIX PEM after a blank", "PKIX DER",
			"JWK", "x as text", "x",
		}},
	}
	for _, test := range tests {
		var names []string
		seen := map[string]bool{}
		for name, secret := range issuer.PublicKeyEncodings(test.alg) {
			names = append(names, name)
			if seen[string(secret)] {
				t.Errorf("%s, %s: got an encoding twice, want each once", test.alg, name)
			}
			seen[string(secret)] = true
			token := issuer.Token(nil, jwttest.HMAC("HS256", secret), jwttest.KeyID(issuer.KeyID(test.alg)))
			input, signature, _ := cutLast(token)
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(input))
			if !hmac.Equal(mac.Sum(nil), decode(t, signature)) {
				t.Errorf("%s, %s: got another MAC than HMAC-SHA256 under the encoding", test.alg, name)
			}
		}
		if !slices.Equal(names, test.want) {
			t.Errorf("%s: got encodings %q, want %q", test.alg, names, test.want)
		}
	}
	for range issuer.PublicKeyEncodings("RS256") {
		break // must not panic
	}
}

func TestPublicKeyPEM(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	for _, alg := range []string{"RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"} {
		block, rest := pem.Decode(issuer.PublicKeyPEM(alg))
		if block == nil || len(rest) != 0 {
			t.Fatalf("%s: got no single PEM block", alg)
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		if !issuer.PublicKey(alg).(interface{ Equal(crypto.PublicKey) bool }).Equal(key) {
			t.Errorf("%s: got another key than PublicKey", alg)
		}
		if !issuer.PrivateKey(alg).Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(key) {
			t.Errorf("%s: got another key than that of PrivateKey", alg)
		}
	}
}

// RFC 7518, section 3.5: the salt is as long as the hash. go-jose takes any length, so it cannot tell.
func TestSaltLength(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	for alg, hash := range map[string]crypto.Hash{"PS256": crypto.SHA256, "PS384": crypto.SHA384, "PS512": crypto.SHA512} {
		for name, token := range map[string]string{
			"plain": issuer.Token(nil, jwttest.Algorithm(alg)), "verbatim": issuer.Sign(alg, nil, nil),
		} {
			input, signature, _ := cutLast(token)
			digest := hash.New()
			digest.Write([]byte(input))
			key := issuer.PublicKey(alg).(*rsa.PublicKey)
			options := &rsa.PSSOptions{SaltLength: hash.Size()}
			if err := rsa.VerifyPSS(key, hash, digest.Sum(nil), decode(t, signature), options); err != nil {
				t.Errorf("%s, %s: got %v, want a salt of %d bytes", alg, name, err, hash.Size())
			}
		}
	}
}

func verifyEd25519(t *testing.T, issuer *jwttest.Issuer, token string) []byte {
	t.Helper()
	input, signature, _ := cutLast(token)
	if !ed25519.Verify(issuer.PublicKey("Ed25519").(ed25519.PublicKey), []byte(input), decode(t, signature)) {
		t.Fatal("got an invalid signature, want a valid one")
	}
	_, payload, _ := strings.Cut(input, ".")
	return decode(t, payload)
}

func cutLast(token string) (input, signature string, ok bool) {
	n := strings.LastIndexByte(token, '.')
	if n < 0 {
		return token, "", false
	}
	return token[:n], token[n+1:], true
}

func decode(t *testing.T, part string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
