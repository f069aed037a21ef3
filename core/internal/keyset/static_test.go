package keyset

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkixPEM(t testing.TB, public any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("PUBLIC KEY", der)
}

func TestParsePEM(t *testing.T) {
	private, err := x509.MarshalPKCS8PrivateKey(rsaPair())
	if err != nil {
		t.Fatal(err)
	}
	rsaPEM, ecPEM := pkixPEM(t, rsaPair().Public()), pkixPEM(t, keyOf("a"))
	tests := []struct {
		name, data string
		keys       int
		complaint  string
	}{
		{"RSA", rsaPEM, 1, ""},
		{"EC", ecPEM, 1, ""},
		{"Ed25519", pkixPEM(t, edKey()), 1, ""},
		{"PKCS #1", pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaPair().PublicKey)), 1, ""},
		{"certificate", pemOf("CERTIFICATE", certificateOf(t, rsaPair())), 1, ""},
		{"several, with blank lines", "\n" + rsaPEM + "\n\r\n" + ecPEM + "\n", 2, ""},
		{"CRLF", strings.ReplaceAll(rsaPEM, "\n", "\r\n"), 1, ""},
		{"empty", "", 0, "no block"},
		{"not PEM", "ssh-rsa AAAA", 0, "no block"},
		{"K22 text behind", rsaPEM + "garbage", 1, ""},
		{"K22 text before", "Public-Key: (2048 bit)\n" + rsaPEM, 1, ""},
		{"K22 text before, CRLF", "Bag Attributes\r\n    localKeyID: 01 \r\n" + strings.ReplaceAll(rsaPEM, "\n", "\r\n"), 1, ""},
		{"K22 text between", rsaPEM + "subject=CN = a -- b\n\n" + ecPEM, 2, ""},
		{"K22 first line with a dash too few", rsaPEM[1:] + ecPEM, 0, "damaged"},
		{"K22 first line in lower case", strings.Replace(rsaPEM, "BEGIN", "begin", 1) + ecPEM, 0, "damaged"},
		{"K22 last line lost", rsaPEM[:strings.Index(rsaPEM, "-----END")] + ecPEM, 0, "damaged"},
		{"K22 block behind text on its line", "key: " + rsaPEM + ecPEM, 0, "damaged"},
		{"K22 indented block", "  " + strings.ReplaceAll(rsaPEM, "\n", "\n  ") + "\n" + ecPEM, 0, "damaged"},
		{"K22 last line alone", ecPEM + "-----END PUBLIC KEY-----", 0, "damaged"},
		{"K22 text behind the last line", strings.TrimSuffix(rsaPEM, "\n") + "x\n" + ecPEM, 0, "damaged"},
		{"damaged first block", strings.Replace(rsaPEM, "\n", "\n!!!!\n", 1) + ecPEM, 0, "damaged"},
		{"truncated", rsaPEM[:len(rsaPEM)-20], 0, "damaged"},
		{"private key, PKCS #8", pemOf("PRIVATE KEY", private), 0, "private key"},
		{"private key, PKCS #1", pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaPair())), 0, "private key"},
		{"private key, encrypted", pemOf("ENCRYPTED PRIVATE KEY", private), 0, "private key"},
		{"private key behind a public one", rsaPEM + pemOf("PRIVATE KEY", private), 0, "block 2"},
		{"another block", pemOf("X509 CRL", private), 0, `"X509 CRL"`},
		{"DER of nothing", pemOf("PUBLIC KEY", []byte("x")), 0, "block 1"},
		{"P-224", pkixPEM(t, p224(t)), 0, jws.CauseCurve},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			keys, err := ParsePEM([]byte(tt.data))
			if len(keys) != tt.keys || (err == nil) != (tt.complaint == "") {
				t.Fatalf("got %d keys and error %v, want %d keys and a complaint of %q", len(keys), err, tt.keys, tt.complaint)
			}
			if err != nil && !strings.Contains(err.Error(), tt.complaint) {
				t.Errorf("got error %q, want one about %q", err, tt.complaint)
			}
		})
	}
}

func TestStatic(t *testing.T) {
	ec, rsaKey, other := newKey(t, keyOf("a")), newKey(t, &rsaPair().PublicKey), newKey(t, keyOf("b"))
	secret := newKey(t, jws.Secret(strings.Repeat("s", 32)))
	tests := []struct {
		name string
		keys []*jws.Key
		alg  jws.Algorithm
		want string
	}{
		{"one key", []*jws.Key{ec}, jws.ES256, found},
		{"one of several", []*jws.Key{rsaKey, ec}, jws.RS256, found},
		{"several fit", []*jws.Key{ec, other}, jws.ES256, ambiguous},
		{"the same twice", []*jws.Key{ec, ec}, jws.ES256, found},
		{"none fits", []*jws.Key{ec}, jws.RS256, wrong},
		{"secret", []*jws.Key{secret}, jws.HS256, found},
		{"secret too short for the hash", []*jws.Key{secret}, jws.HS512, wrong},
		{"A03 public key as a secret", []*jws.Key{rsaKey}, jws.HS256, wrong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Static(tt.keys...)
			for _, kid := range []string{"", "whatever"} {
				key, _, err := s.Key(context.Background(), kid, kid != "", tt.alg)
				if got := verdict(key, err); got != tt.want {
					t.Errorf("kid %q: got %s, want %s", kid, got, tt.want)
				}
			}
			if err := s.Ready(context.Background()); err != nil {
				t.Errorf("Ready: %v", err)
			}
			wantState(t, s, StateStatic)
		})
	}
}

func TestFixedSet(t *testing.T) {
	oct := jwkText(nil, "kty", "oct", "kid", "secret", "k", strings.Repeat("A", 64))
	s, err := FixedSet([]byte(setText(jwkText(ecMembers("a")), oct)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for kid, want := range map[string]string{"a": found, "secret": unknown} {
		if got, _ := ask(s, kid); got != want {
			t.Errorf("kid %q: got %s, want %s", kid, got, want)
		}
	}
	if stats := s.Stats(); stats.State != StateStatic || stats.Keys != 1 || stats.Skipped[causeSecret] != 1 {
		t.Errorf("got %+v, want one static key and one secret skipped", stats)
	}
	if err := s.Ready(context.Background()); err != nil {
		t.Errorf("Ready: %v", err)
	}
	if _, err := FixedSet([]byte(setText(oct)), Limits{}); err == nil {
		t.Error("got no error for a set without a usable key, want one")
	}
}

func newKey(t testing.TB, material any) *jws.Key {
	t.Helper()
	key, err := jws.NewKey(material)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func p224(t testing.TB) *ecdsa.PublicKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &key.PublicKey
}
