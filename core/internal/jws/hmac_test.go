package jws

import (
	"slices"
	"testing"
)

func TestHMACRefusesSignature(t *testing.T) {
	for _, alg := range []Algorithm{HS256, HS384, HS512} {
		pair := trusted(t, alg)
		mac := pair.sign(t, alg, "a.b")
		half := len(mac) / 2
		for _, test := range []struct {
			name      string
			signature []byte
		}{
			{"A02 empty", nil},
			{"A02 one octet", mac[:1]},
			{"A02 foreign", other(t, alg).sign(t, alg, "a.b")},
			{"A02 of another text", pair.sign(t, alg, "a.c")},
			{"A11 of an empty secret", keyPair{private: Secret{}}.sign(t, alg, "a.b")},
			{"A11 first half", mac[:half]},
			{"A11 second half", mac[half:]},
			{"A11 last octet missing", mac[:len(mac)-1]},
			{"A11 zero octet after", append(slices.Clone(mac), 0)},
			{"A11 zero octet before", append([]byte{0}, mac...)},
			{"A11 doubled", append(slices.Clone(mac), mac...)},
			{"A11 all zero", make([]byte, len(mac))},
		} {
			t.Run(string(alg)+" "+test.name, func(t *testing.T) {
				if err := pair.key.Verify(alg, "a.b", test.signature); err != ErrSignature {
					t.Errorf("got %v, want ErrSignature", err)
				}
			})
		}
	}
}

// The secret decides what it is good for, not the header.
func TestHMACRefusesShortSecret(t *testing.T) {
	for _, test := range []struct {
		alg  Algorithm
		size int
	}{{HS384, 32}, {HS384, 47}, {HS512, 32}, {HS512, 48}, {HS512, 63}} {
		secret := make(Secret, test.size)
		mac := keyPair{private: secret}.sign(t, test.alg, "a.b")
		wantAlgorithmRefused(t, mustKey(t, secret), test.alg, "a.b", mac)
	}
}

// Of several secrets the shortest decides what all of them are good for.
func TestHMACOfSeveralSecrets(t *testing.T) {
	for _, test := range []struct {
		sizes []int
		want  []Algorithm
	}{{[]int{64, 32}, []Algorithm{HS256}}, {[]int{48, 64}, []Algorithm{HS256, HS384}}, {[]int{64, 64}, []Algorithm{HS256, HS384, HS512}}} {
		var secrets Secrets
		for _, size := range test.sizes {
			secrets = append(secrets, make(Secret, size))
		}
		if got := mustKey(t, secrets).Algorithms(); !slices.Equal(got, test.want) {
			t.Errorf("%v octets: got %v, want %v", test.sizes, got, test.want)
		}
	}
}

// A pooled state carries nothing of one token into the next.
func TestHMACStateIsReset(t *testing.T) {
	pair := trusted(t, HS256)
	for _, signed := range []string{"a.b", "", "long" + string(make([]byte, 5*MaxLength)), "a.b", "a.c"} {
		mac := pair.sign(t, HS256, signed)
		if err := pair.key.Verify(HS256, signed, mac); err != nil {
			t.Errorf("%d octets: got %v, want acceptance", len(signed), err)
		}
		if err := pair.key.Verify(HS256, signed+"x", mac); err != ErrSignature {
			t.Errorf("%d octets: got %v, want ErrSignature", len(signed), err)
		}
	}
}
