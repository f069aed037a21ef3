package jws

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"math/big"
	"slices"
	"testing"
)

func TestKeyAlgorithms(t *testing.T) {
	rsaAll := []Algorithm{RS256, RS384, RS512, PS256, PS384, PS512}
	for _, test := range []struct {
		name string
		key  *Key
		want []Algorithm
	}{
		{"RSA", trusted(t, RS256).key, rsaAll},
		{"P-256", trusted(t, ES256).key, []Algorithm{ES256}},
		{"P-384", trusted(t, ES384).key, []Algorithm{ES384}},
		{"P-521", trusted(t, ES512).key, []Algorithm{ES512}},
		{"Ed25519", trusted(t, EdDSA).key, []Algorithm{EdDSA, Ed25519}},
		{"A11 secret of 32 octets", mustKey(t, make(Secret, 32)), []Algorithm{HS256}},
		{"A11 secret of 47 octets", mustKey(t, make(Secret, 47)), []Algorithm{HS256}},
		{"A11 secret of 48 octets", mustKey(t, make(Secret, 48)), []Algorithm{HS256, HS384}},
		{"A11 secret of 63 octets", mustKey(t, make(Secret, 63)), []Algorithm{HS256, HS384}},
		{"A11 secret of 64 octets", mustKey(t, make(Secret, 64)), []Algorithm{HS256, HS384, HS512}},
		{"A11 secret of 1000 octets", mustKey(t, make(Secret, 1000)), []Algorithm{HS256, HS384, HS512}},
		{"zero Key", new(Key), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := test.key.Algorithms()
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			for _, alg := range allAlgorithms {
				if fits := test.key.Fits(alg); fits != slices.Contains(test.want, alg) {
					t.Errorf("%s: got %t, want %t", alg, fits, !fits)
				}
			}
		})
	}
}

func TestKeyAlgorithmsIsACopy(t *testing.T) {
	key := trusted(t, RS256).key
	key.Algorithms()[0] = HS256
	if key.Fits(HS256) || !key.Fits(RS256) {
		t.Error("got a key changed through the result of Algorithms, want it unchanged")
	}
}

// The Key is the caller's no more: what the caller changes afterwards is without effect.
func TestNewKeyCopies(t *testing.T) {
	secret := Secret(bytes.Repeat([]byte{1}, 64))
	signature := keyPair{private: slices.Clone(secret)}.sign(t, HS256, "a.b")
	hmacKey := mustKey(t, secret)
	clear(secret)
	if err := hmacKey.Verify(HS256, "a.b", signature); err != nil {
		t.Errorf("HS256: got %v, want acceptance", err)
	}

	private := trusted(t, RS256).private.(*rsa.PrivateKey)
	public := &rsa.PublicKey{N: new(big.Int).Set(private.N), E: private.E}
	signature = trusted(t, RS256).sign(t, RS256, "a.b")
	rsaKey := mustKey(t, public)
	public.N.SetInt64(35)
	public.E = 1
	if err := rsaKey.Verify(RS256, "a.b", signature); err != nil {
		t.Errorf("RS256: got %v, want acceptance", err)
	}

	point := slices.Clone(trusted(t, EdDSA).private.(ed25519.PrivateKey).Public().(ed25519.PublicKey))
	signature = trusted(t, EdDSA).sign(t, EdDSA, "a.b")
	edKey := mustKey(t, point)
	clear(point)
	if err := edKey.Verify(EdDSA, "a.b", signature); err != nil {
		t.Errorf("EdDSA: got %v, want acceptance", err)
	}
}

func TestKeyEqual(t *testing.T) {
	distinct := []*Key{new(Key), mustKey(t, make(Secret, 32)), mustKey(t, make(Secret, 33))}
	for _, alg := range []Algorithm{HS256, RS256, ES256, ES384, ES512, EdDSA} {
		distinct = append(distinct, trusted(t, alg).key, other(t, alg).key)
	}
	for i, a := range distinct {
		for j, b := range distinct {
			if want := i == j && i > 0; a.Equal(b) != want {
				t.Errorf("keys %d and %d: got %t, want %t", i, j, !want, want)
			}
		}
	}
	for _, alg := range allAlgorithms {
		if !trusted(t, alg).key.Equal(mustKey(t, publicPart(trusted(t, alg).private))) {
			t.Errorf("%s: got a difference between two keys of one material, want none", alg)
		}
	}
}

func TestZeroKeyVerifiesNothing(t *testing.T) {
	for _, alg := range append([]Algorithm{"", "none"}, allAlgorithms...) {
		if err := new(Key).Verify(alg, "a.b", nil); !errors.Is(err, ErrAlgorithm) {
			t.Errorf("%q: got %v, want ErrAlgorithm", alg, err)
		}
	}
}
