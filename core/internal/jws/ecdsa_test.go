package jws

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"testing"
)

var ecdsaAlgorithms = []Algorithm{ES256, ES384, ES512}

// For r and s in the numbers that are zero in one group or another, the equation
// of a careless verifier holds for every text.
func TestECDSARefusesPsychicSignature(t *testing.T) {
	for _, alg := range ecdsaAlgorithms {
		pair := trusted(t, alg)
		params := pair.private.(*ecdsa.PrivateKey).Params()
		size := coordinateSize[alg]
		one := big.NewInt(1)
		highest := new(big.Int).Sub(new(big.Int).Lsh(one, uint(8*size)), one)
		numbers := map[string]*big.Int{
			"0": new(big.Int), "1": one, "n-1": new(big.Int).Sub(params.N, one), "n": params.N,
			"n+1": new(big.Int).Add(params.N, one), "p": params.P, "highest": highest,
		}
		for nameR, r := range numbers {
			for nameS, s := range numbers {
				t.Run(fmt.Sprintf("A08 %s r=%s s=%s", alg, nameR, nameS), func(t *testing.T) {
					if err := pair.key.Verify(alg, "a.b", joinRS(r, s, size)); err != ErrSignature {
						t.Errorf("got %v, want ErrSignature", err)
					}
				})
			}
		}
	}
}

func TestECDSARefusesSignature(t *testing.T) {
	for _, alg := range ecdsaAlgorithms {
		pair := trusted(t, alg)
		size := coordinateSize[alg]
		n := pair.private.(*ecdsa.PrivateKey).Params().N
		signature := pair.sign(t, alg, "a.b")
		r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
		der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
		if err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			name      string
			signature []byte
		}{
			{"A02 empty", nil},
			{"A02 one octet", []byte{0}},
			{"A02 foreign", other(t, alg).sign(t, alg, "a.b")},
			{"A02 of another text", pair.sign(t, alg, "a.c")},
			{"A08b DER", der},
			{"A08b DER, cut", slices.Concat(der, make([]byte, 2*size))[:2*size]},
			{"A08b r and s swapped", slices.Concat(signature[size:], signature[:size])},
			{"A08b s with n added, if it fits", addTo(signature, n, size)},
		}
		for _, length := range []int{1, 2, size, 63, 64, 65, 66, 95, 96, 97, 128, 131, 132, 133, 16384} {
			if length == 2*size {
				continue
			}
			cut := slices.Concat(signature, make([]byte, 16384))[:length]
			tests = append(tests, struct {
				name      string
				signature []byte
			}{fmt.Sprintf("A08b %d octets", length), cut})
		}
		for _, test := range tests {
			t.Run(string(alg)+" "+test.name, func(t *testing.T) {
				if err := pair.key.Verify(alg, "a.b", test.signature); err != ErrSignature {
					t.Errorf("got %v, want ErrSignature", err)
				}
			})
		}
	}
}

// addTo adds n to the s of signature, or gives up s where the sum has too many octets.
func addTo(signature []byte, n *big.Int, size int) []byte {
	s := new(big.Int).SetBytes(signature[size:])
	if s.Add(s, n).BitLen() > 8*size {
		s.SetInt64(0)
	}
	return slices.Concat(signature[:size], s.FillBytes(make([]byte, size)))
}

// Nothing in RFC 7518 asks for the lower of the two values of s, so both verify.
func TestECDSATakesNegatedS(t *testing.T) {
	for _, alg := range ecdsaAlgorithms {
		t.Run("A08c "+string(alg), func(t *testing.T) {
			pair := trusted(t, alg)
			size := coordinateSize[alg]
			signature := pair.sign(t, alg, "a.b")
			s := new(big.Int).SetBytes(signature[size:])
			s.Sub(pair.private.(*ecdsa.PrivateKey).Params().N, s)
			s.FillBytes(signature[size:])
			if err := pair.key.Verify(alg, "a.b", signature); err != nil {
				t.Errorf("got %v, want acceptance", err)
			}
		})
	}
}

// The DER that the standard library gets is the DER that encoding/asn1 makes.
func TestSignatureDER(t *testing.T) {
	numbers := [][]byte{
		{}, {0}, {1}, {0x7f}, {0x80}, {0xff}, {0, 0, 0x80}, {0, 0, 0x7f}, {1, 0, 0},
		make([]byte, 66), bytes.Repeat([]byte{0xff}, 32), bytes.Repeat([]byte{0x7f}, 48), bytes.Repeat([]byte{0x7f}, 62),
		append([]byte{1}, bytes.Repeat([]byte{0xff}, 65)...), bytes.Repeat([]byte{0xff}, 66),
	}
	w := new(workspace)
	for _, r := range numbers {
		for _, s := range numbers {
			want, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(r), new(big.Int).SetBytes(s)})
			if err != nil {
				t.Fatal(err)
			}
			if got := w.signatureDER(r, s); !bytes.Equal(got, want) || cap(got) != len(w.der) {
				t.Errorf("r=%x s=%x: got %x of capacity %d, want %x in place", r, s, got, cap(got), want)
			}
		}
	}
}
