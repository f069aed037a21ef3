package jws

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"slices"
)

// RFC 8037 section 3.1 and RFC 9864 section 2.2.
var ed25519Algorithms = []Algorithm{EdDSA, Ed25519}

type ed25519Key struct {
	public ed25519.PublicKey
}

func newEd25519Key(public ed25519.PublicKey) (*ed25519Key, error) {
	if len(public) != ed25519.PublicKeySize {
		return nil, &KeyError{CauseEncoding, fmt.Sprintf("got an Ed25519 key of %d octets, want %d", len(public), ed25519.PublicKeySize)}
	}
	// The top bit is the sign of x, the rest is y, least octet first.
	octets := slices.Clone(public)
	octets[31] &= 0x7f
	slices.Reverse(octets)
	y := hex.EncodeToString(octets)
	// Before the range of y, beyond which the points of low order have spellings.
	if slices.Contains(lowOrder[:], y) {
		return nil, &KeyError{CauseLowOrder, "got an Ed25519 point of order 8 or less"}
	}
	if y >= fieldPrime {
		return nil, &KeyError{CauseEncoding, "got an Ed25519 key whose y is not below 2^255-19"}
	}
	return &ed25519Key{slices.Clone(public)}, nil
}

// fieldPrime is 2^255-19. RFC 8032 section 5.1.3: a y that is not below it does
// not decode. crypto/ed25519 would reduce it, so that one key had two spellings.
const fieldPrime = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"

// lowOrder has every y, reduced or not, of the points whose order divides 8,
// with either sign of x. Under such a key signatures hold that no secret made.
var lowOrder = [...]string{
	"0000000000000000000000000000000000000000000000000000000000000000", // order 4
	"0000000000000000000000000000000000000000000000000000000000000001", // order 1
	"05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", // order 8
	"7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", // order 8
	"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec", // order 2
	"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed", // 0 again
	"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffee", // 1 again
}

func (k *ed25519Key) algorithms() []Algorithm { return ed25519Algorithms }

func (k *ed25519Key) equal(other material) bool {
	o, ok := other.(*ed25519Key)
	return ok && k.public.Equal(o.public)
}

// verify leaves all of RFC 8032 section 5.1.7 to the primitive, which refuses
// another length than 64 octets and an S that is not below the group order.
func (k *ed25519Key) verify(_ Algorithm, w *workspace, signature []byte) bool {
	return ed25519.Verify(k.public, w.signed, signature)
}
