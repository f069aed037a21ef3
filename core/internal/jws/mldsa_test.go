//go:build go1.27

package jws

import (
	"crypto/mldsa"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// The tests of every algorithm are those of these as well.
var mldsaAlgorithms = []Algorithm{MLDSA44, MLDSA65, MLDSA87}

var mldsaParameters = map[Algorithm]mldsa.Parameters{MLDSA44: mldsa.MLDSA44(), MLDSA65: mldsa.MLDSA65(), MLDSA87: mldsa.MLDSA87()}

func generateMLDSA(alg Algorithm) (any, error) { return mldsa.GenerateKey(mldsaParameters[alg]) }

func mldsaPrimitive(pair keyPair, text, signature []byte) func() bool {
	public := pair.private.(*mldsa.PrivateKey).PublicKey()
	return func() bool { return mldsa.Verify(public, text, signature, nil) == nil }
}

// The examples of RFC 9964 appendix A.1, whose keys have a seed of zeros. The signatures are the deterministic ones of
// their keys, so that they are also made anew here.
func TestRFC9964Examples(t *testing.T) {
	for _, alg := range mldsaAlgorithms {
		t.Run(string(alg), func(t *testing.T) {
			example := readExample(t, "testdata/rfc9964/"+strings.ToLower(string(alg))+".json")
			key := keyOfJWK(t, example.Key)
			for _, allowed := range allAlgorithms {
				if _, err := check(example.Token, key, allowed); (err == nil) != (allowed == alg) {
					t.Errorf("where %s is allowed: got %v, want acceptance as %s alone", allowed, err, alg)
				}
			}
			for _, other := range mldsaAlgorithms {
				if other != alg {
					if _, err := check(example.Token, trusted(t, other).key, allAlgorithms...); !errors.Is(err, ErrAlgorithm) {
						t.Errorf("with a key of %s: got %v, want ErrAlgorithm", other, err)
					}
				}
			}
			private, err := mldsa.NewPrivateKey(mldsaParameters[alg], make([]byte, mldsa.PrivateKeySize))
			if err != nil {
				t.Fatal(err)
			}
			if !mustKey(t, private.Public()).Equal(key) {
				t.Error("got another key of the seed of zeros than the example's")
			}
			end := strings.LastIndexByte(example.Token, '.')
			signature, err := private.SignDeterministic([]byte(example.Token[:end]), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := base64.RawURLEncoding.EncodeToString(signature); got != example.Token[end+1:] {
				t.Error("got another deterministic signature than the example's")
			}
		})
	}
}

// What go-jose signs is accepted, and go-jose accepts what is signed here.
func TestMLDSAWithGoJose(t *testing.T) {
	for _, alg := range mldsaAlgorithms {
		t.Run(string(alg), func(t *testing.T) {
			pair := trusted(t, alg)
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: pair.private}, nil)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := signer.Sign([]byte(`{"iss":"https://issuer.example"}`))
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := signed.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := check(theirs, pair.key, alg); err != nil {
				t.Errorf("go-jose's token: got %v, want acceptance", err)
			}
			ours, err := jose.ParseSignedCompact(plainToken(t, alg), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ours.Verify(publicPart(pair.private)); err != nil {
				t.Errorf("our token by go-jose: got %v, want acceptance", err)
			}
		})
	}
}

// A signature over a context, or over a hash of the token, is not one of RFC 9964.
func TestMLDSARefusesOtherForms(t *testing.T) {
	for _, alg := range mldsaAlgorithms {
		private := trusted(t, alg).private.(*mldsa.PrivateKey)
		inContext, err := private.Sign(nil, []byte("a.b"), &mldsa.Options{Context: "jwt"})
		if err != nil {
			t.Fatal(err)
		}
		good := trusted(t, alg).sign(t, alg, "a.b")
		for name, signature := range map[string][]byte{
			"a context": inContext, "an octet more": append(good[:len(good):len(good)], 0), "an octet less": good[:len(good)-1], "nothing": nil,
		} {
			if err := trusted(t, alg).key.Verify(alg, "a.b", signature); err != ErrSignature {
				t.Errorf("%s, %s: got %v, want ErrSignature", alg, name, err)
			}
		}
	}
}

func TestNewKeyRefusesMLDSA(t *testing.T) {
	private := trusted(t, MLDSA44).private.(*mldsa.PrivateKey)
	for name, material := range map[string]any{
		"nil": (*mldsa.PublicKey)(nil), "zero": new(mldsa.PublicKey), "by value": *private.PublicKey(), "private": private,
	} {
		t.Run(name, func(t *testing.T) { wantCause(t, material, CauseKeyType) })
	}
	for _, size := range []int{0, 1, 1311, 1313, 1952, 2592} {
		if _, err := MLDSAPublicKey(MLDSA44, make([]byte, size)); err == nil {
			t.Errorf("%d octets: got a key of ML-DSA-44, want a refusal", size)
		}
	}
	if _, err := MLDSAPublicKey("ML-DSA-45", make([]byte, 1312)); err == nil {
		t.Error("ML-DSA-45: got a key, want a refusal")
	}
}

func BenchmarkMLDSA(b *testing.B) {
	for _, alg := range append([]Algorithm{ES256, RS256}, mldsaAlgorithms...) {
		b.Run(string(alg), func(b *testing.B) {
			pair := trusted(b, alg)
			signature := pair.sign(b, alg, "a.b")
			for b.Loop() {
				if err := pair.key.Verify(alg, "a.b", signature); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
