//go:build go1.27

package keyset

import (
	"crypto/mldsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"testing"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

func generateMLDSA(t *testing.T, parameters mldsa.Parameters) *mldsa.PrivateKey {
	t.Helper()
	private, err := mldsa.GenerateKey(parameters)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

// A key of each set verifies what it signed, found by its kid, and without one as the only key of its algorithm.
func TestMLDSAKeys(t *testing.T) {
	parameters := []mldsa.Parameters{mldsa.MLDSA44(), mldsa.MLDSA65(), mldsa.MLDSA87()}
	members := make([]string, len(parameters))
	keys := make([]*mldsa.PrivateKey, len(parameters))
	for i, p := range parameters {
		keys[i] = generateMLDSA(t, p)
		members[i] = jwkText(nil, "kty", "AKP", "kid", p.String(), "use", "sig", "alg", p.String(), "pub", b64(keys[i].PublicKey().Bytes()))
	}
	set := mustParse(t, setText(append(members, jwkText(ecMembers("a")))...))
	for i, p := range parameters {
		alg := jws.Algorithm(p.String())
		signature, err := keys[i].Sign(nil, []byte("a.b"), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, hasKid := range []bool{true, false} {
			key, err := set.Key(p.String(), hasKid, alg)
			if err != nil {
				t.Fatalf("%s, with a kid %t: %v", alg, hasKid, err)
			}
			if err := key.Verify(alg, "a.b", signature); err != nil {
				t.Errorf("%s, with a kid %t: got %v, want acceptance", alg, hasKid, err)
			}
		}
		for _, other := range []jws.Algorithm{jws.MLDSA44, jws.MLDSA65, jws.MLDSA87, jws.ES256} {
			if _, err := set.Key(p.String(), true, other); (err == ErrWrongKey) != (other != alg) {
				t.Errorf("kid of %s for %s: got %v, want ErrWrongKey for every other algorithm", alg, other, err)
			}
		}
	}
}

func TestMLDSAInPEM(t *testing.T) {
	private := generateMLDSA(t, mldsa.MLDSA44())
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ParsePEM(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	if err != nil || len(keys) != 1 || !keys[0].Fits(jws.MLDSA44) {
		t.Errorf("got %v, %v, want one key of ML-DSA-44", keys, err)
	}
}

func TestMLDSACertificate(t *testing.T) {
	private, other := generateMLDSA(t, mldsa.MLDSA44()), generateMLDSA(t, mldsa.MLDSA44())
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	x5c := []string{base64.StdEncoding.EncodeToString(der)}
	for want, key := range map[string]*mldsa.PrivateKey{"": private, causeCertificate: other} {
		text := jwkText(nil, "kty", "AKP", "alg", "ML-DSA-44", "pub", b64(key.PublicKey().Bytes()), "x5c", x5c)
		if _, cause := parseJWK(text); cause != want {
			t.Errorf("got cause %q, want %q", cause, want)
		}
	}
}
