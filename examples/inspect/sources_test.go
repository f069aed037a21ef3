package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestKeySources(t *testing.T) {
	issuer := jwttest.Serve(t)
	secret := []byte("40 octets, of which none is a line break") // a file loses one at its end
	hmac := jwttest.HMAC("HS256", secret)
	expired := issuer.Token(map[string]any{"exp": 1})
	spoilt := strings.Split(expired, ".")
	spoilt[2] = strings.Split(issuer.Token(nil), ".")[2]
	const pinned = "got kid none, wanted the only key for this alg, whatever the kid"
	tests := []struct {
		name   string
		args   []string
		file   string // its text; its path follows args
		token  string
		status int
		want   []string
	}{
		{"the URL of a set", []string{"-jwks", issuer.JWKSURL()}, "", issuer.Token(nil), passed,
			[]string{"fetched  " + issuer.JWKSURL(), "clock    the issuer's agrees", "wanted one usable key of that kid for this alg\n"}},
		{"the URL of a set, expired", []string{"-jwks", issuer.JWKSURL()}, "", expired, refused,
			[]string{"reason expired", "Its own signature holds"}},
		{"the URL of a set, expired and changed", []string{"-jwks", issuer.JWKSURL()}, "", strings.Join(spoilt, "."), refused,
			[]string{"reason expired", "ok  key", "NO  signature", "Its own signature does not hold"}},
		{"PEM", []string{"-pem"}, string(issuer.PublicKeyPEM("RS256")), issuer.Token(nil), passed,
			[]string{"usable   1", "clock    not asked", "whatever the kid"}},
		{"PEM, expired", []string{"-pem"}, string(issuer.PublicKeyPEM("ES256")) + string(issuer.PublicKeyPEM("RS256")),
			expired, refused, []string{"ok  signature", "Its own signature holds"}},
		{"PEM of PKCS #1, expired", []string{"-pem"}, encoded("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(issuer.PublicKey("RS256").(*rsa.PublicKey))),
			expired, refused, []string{"Its own signature holds"}},
		{"a certificate, expired", []string{"-pem"}, certificate(t, issuer), expired, refused, []string{"Its own signature holds"}},
		{"a private key", []string{"-pem"}, encoded("PRIVATE KEY", nil), expired, unable, []string{"got a private key", "see inspect -h"}},
		{"PEM without the key for the algorithm", []string{"-pem"}, string(issuer.PublicKeyPEM("ES256")), issuer.Token(nil), refused,
			[]string{"reason wrong_algorithm", "ok  alg", "NO  key"}},
		{"PEM of another key, expired", []string{"-pem"}, string(jwttest.NewIssuer("").PublicKeyPEM("RS256")),
			expired, refused, []string{"NO  signature"}},
		{"a secret", []string{"-secret-file"}, string(secret) + "\r\n", issuer.Token(nil, hmac), passed, []string{pinned, `wanted "HS256"`}},
		{"a secret, expired", []string{"-secret-file"}, string(secret), issuer.Token(map[string]any{"exp": 1}, hmac), refused,
			[]string{"Its own signature holds"}},
		{"another secret", []string{"-secret-file"}, strings.Repeat("x", 32) + "\n", issuer.Token(nil, hmac), refused, []string{"reason bad_signature"}},
		{"a secret and RS256", []string{"-secret-file"}, string(secret), issuer.Token(nil), refused, []string{"beside a Secret", "?   signature"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			args := join([]string{"-issuer", issuer.URL(), "-audience", jwttest.Audience}, test.args)
			if test.file != "" {
				args = append(args, written(t, test.file))
			}
			output := holds(t, args, test.token, test.status, test.want)
			if strings.Contains(output, string(secret)) {
				t.Error("got the secret in the output, want none of it")
			}
		})
	}
	if got := issuer.MetadataFetches(); got != 0 {
		t.Errorf("got %d fetches of metadata, want none", got)
	}
}

// TestJudgesApartByTheVerifiersKey holds that a signature by another key of the
// set, one that go-jose would take, is none.
func TestJudgesApartByTheVerifiersKey(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	token := strings.Split(issuer.Token(map[string]any{"exp": 1}, jwttest.Header(map[string]any{"kid": nil})), ".")
	digest := sha256.Sum256([]byte(token[0] + "." + token[1]))
	signature, err := issuer.PrivateKey("RS512").Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-jwks", written(t, string(issuer.JWKS())), "-issuer", issuer.URL(), "-audience", jwttest.Audience}
	holds(t, args, strings.Join(token, "."), refused, []string{"wanted the only usable key for this alg", "ok  signature"})
	token[2] = base64.RawURLEncoding.EncodeToString(signature)
	holds(t, args, strings.Join(token, "."), refused, []string{"ok  key", "NO  signature"})
}

func certificate(t *testing.T, issuer *jwttest.Issuer) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, issuer.PublicKey("RS256"), issuer.PrivateKey("RS256"))
	if err != nil {
		t.Fatal(err)
	}
	return encoded("CERTIFICATE", der)
}

func encoded(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

func written(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
