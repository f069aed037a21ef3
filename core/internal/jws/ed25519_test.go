package jws

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"math/big"
	"slices"
	"testing"
)

// The twisted Edwards curve -x^2 + y^2 = 1 + d x^2 y^2 of RFC 8032 section 5.1.
var (
	edwardsP = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	edwardsD = modP(new(big.Int).Mul(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), edwardsP)))
)

func modP(n *big.Int) *big.Int { return n.Mod(n, edwardsP) }

// coordinateX returns an x to y, if the curve has one.
func coordinateX(y *big.Int) (*big.Int, bool) {
	square := modP(new(big.Int).Mul(y, y))
	numerator := modP(new(big.Int).Sub(square, big.NewInt(1)))
	denominator := modP(new(big.Int).Add(new(big.Int).Mul(edwardsD, square), big.NewInt(1)))
	quotient := modP(new(big.Int).Mul(numerator, new(big.Int).ModInverse(denominator, edwardsP)))
	x := new(big.Int).ModSqrt(quotient, edwardsP)
	return x, x != nil
}

// double adds the point (x, y) to itself.
func double(x, y *big.Int) (*big.Int, *big.Int) {
	xy := modP(new(big.Int).Mul(x, y))
	xx, yy := modP(new(big.Int).Mul(x, x)), modP(new(big.Int).Mul(y, y))
	product := modP(new(big.Int).Mul(edwardsD, modP(new(big.Int).Mul(xx, yy))))
	inverse := func(n *big.Int) *big.Int { return new(big.Int).ModInverse(modP(n), edwardsP) }
	x2 := new(big.Int).Mul(new(big.Int).Lsh(xy, 1), inverse(new(big.Int).Add(big.NewInt(1), product)))
	y2 := new(big.Int).Mul(new(big.Int).Add(xx, yy), inverse(new(big.Int).Sub(big.NewInt(1), product)))
	return modP(x2), modP(y2)
}

// Three doublings take each of the points to the neutral element, and as there
// are eight points of such an order, no other does.
func TestLowOrderIsComplete(t *testing.T) {
	points := 0
	for _, text := range lowOrder {
		y, ok := new(big.Int).SetString(text, 16)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		reduced := y.Cmp(edwardsP) < 0
		x, ok := coordinateX(modP(y))
		if !ok {
			t.Fatalf("%s: no point has this y", text)
		}
		if reduced {
			points += 2 - boolToInt(x.Sign() == 0)
		}
		for range 3 {
			x, y = double(x, y)
		}
		if x.Sign() != 0 || y.Cmp(big.NewInt(1)) != 0 {
			t.Errorf("%s: got an order that does not divide 8", text)
		}
	}
	if points != 8 {
		t.Errorf("got %d points, want 8", points)
	}
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestNewKeyRefusesEd25519(t *testing.T) {
	valid := trusted(t, EdDSA).private.(ed25519.PrivateKey).Public().(ed25519.PublicKey)
	for _, test := range []struct {
		name string
		key  ed25519.PublicKey
	}{
		{"nil", nil},
		{"31 octets", valid[:31]},
		{"33 octets", append(slices.Clone(valid), 0)},
		{"64 octets", append(slices.Clone(valid), valid...)},
	} {
		t.Run(test.name, func(t *testing.T) { wantCause(t, test.key, CauseEncoding) })
	}
	// p+2 to p+18 are the numbers of 255 bits that are not reduced, beside those
	// that encode a point of low order.
	for offset := int64(2); offset <= 18; offset++ {
		for sign := range 2 {
			y := new(big.Int).Add(edwardsP, big.NewInt(offset))
			t.Run(fmt.Sprintf("p+%d, sign %d", offset, sign), func(t *testing.T) {
				wantCause(t, edwardsKey(y, sign), CauseEncoding)
			})
		}
	}
	for _, text := range lowOrder {
		for sign := range 2 {
			y, _ := new(big.Int).SetString(text, 16)
			t.Run(fmt.Sprintf("A09b %s, sign %d", text[:8], sign), func(t *testing.T) {
				wantCause(t, edwardsKey(y, sign), CauseLowOrder)
			})
		}
	}
}

// edwardsKey encodes a point (RFC 8032 section 5.1.2).
func edwardsKey(y *big.Int, sign int) ed25519.PublicKey {
	key := y.FillBytes(make([]byte, 32))
	slices.Reverse(key)
	key[31] |= byte(sign << 7)
	return key
}

func TestEd25519RefusesForgery(t *testing.T) {
	pair := trusted(t, Ed25519)
	signature := pair.sign(t, Ed25519, "a.b")
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := slices.Clone(signature[32:])
	slices.Reverse(s)
	scalar := new(big.Int).SetBytes(s)
	plusOrder := new(big.Int).Add(scalar, order).FillBytes(make([]byte, 32))
	slices.Reverse(plusOrder)
	neutral := append([]byte{1}, make([]byte, 31)...)

	for _, test := range []struct {
		name      string
		signature []byte
	}{
		{"A02 empty", nil},
		{"A02 one octet", []byte{0}},
		{"A02 foreign", other(t, Ed25519).sign(t, Ed25519, "a.b")},
		{"A09 S plus group order", slices.Concat(signature[:32], plusOrder)},
		{"A09 R neutral, S zero", append(neutral, make([]byte, 32)...)},
		{"A09 R neutral", append(neutral, signature[32:]...)},
		{"A09 all zero", make([]byte, 64)},
		{"A09 all ones", bytes.Repeat([]byte{0xff}, 64)},
		{"A09 63 octets", signature[:63]},
		{"A09 65 octets", append(slices.Clone(signature), 0)},
		{"A09 doubled", append(slices.Clone(signature), signature...)},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, alg := range []Algorithm{EdDSA, Ed25519} {
				if err := pair.key.Verify(alg, "a.b", test.signature); err != ErrSignature {
					t.Errorf("%s: got %v, want ErrSignature", alg, err)
				}
			}
		})
	}
}
