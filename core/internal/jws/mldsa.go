//go:build go1.27

package jws

import (
	"crypto"
	"crypto/mldsa"
	"fmt"
)

// verifiesMLDSA says that this program was built with a crypto/mldsa.
const verifiesMLDSA = true

// mldsaKey verifies the one algorithm of its parameter set (RFC 9964 section 3).
type mldsaKey struct {
	public *mldsa.PublicKey
	usable []Algorithm
	size   int // octets of a signature
}

// newMLDSAKey takes an *mldsa.PublicKey, which never changes; of anything else it
// says that it is none.
func newMLDSAKey(m any) (_ material, is bool, _ error) {
	public, is := m.(*mldsa.PublicKey)
	if !is {
		return nil, false, nil
	}
	// The zero key panics when asked for its parameters.
	if public == nil || *public == (mldsa.PublicKey{}) {
		return nil, true, &KeyError{CauseKeyType, "got an ML-DSA key that nobody made"}
	}
	parameters := public.Parameters()
	return &mldsaKey{public, []Algorithm{Algorithm(parameters.String())}, parameters.SignatureSize()}, true, nil
}

// MLDSAPublicKey reads the "pub" of an AKP key (RFC 9964 section 3), for NewKey.
// The error is a [*KeyError].
func MLDSAPublicKey(alg Algorithm, octets []byte) (crypto.PublicKey, error) {
	parameters := map[Algorithm]mldsa.Parameters{MLDSA44: mldsa.MLDSA44(), MLDSA65: mldsa.MLDSA65(), MLDSA87: mldsa.MLDSA87()}
	public, err := mldsa.NewPublicKey(parameters[alg], octets)
	if err != nil {
		return nil, &KeyError{CauseEncoding, fmt.Sprintf("got %d octets for %q: %v", len(octets), cut(string(alg)), err)}
	}
	return public, nil
}

func (k *mldsaKey) algorithms() []Algorithm { return k.usable }

func (k *mldsaKey) equal(other material) bool {
	o, ok := other.(*mldsaKey)
	return ok && k.public.Equal(o.public)
}

// verify is of the pure form, with an empty context (RFC 9964 section 3).
func (k *mldsaKey) verify(_ Algorithm, w *workspace, signature []byte) bool {
	return len(signature) == k.size && mldsa.Verify(k.public, w.signed, signature, nil) == nil
}
