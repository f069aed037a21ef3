//go:build !go1.27

package jws

import (
	"errors"
	"testing"
)

var mldsaAlgorithms []Algorithm

func generateMLDSA(Algorithm) (any, error) { return nil, errors.ErrUnsupported }

func mldsaPrimitive(keyPair, []byte, []byte) func() bool { return nil }

func TestMLDSABeforeGo127(t *testing.T) {
	for _, alg := range []Algorithm{MLDSA44, MLDSA65, MLDSA87} {
		if !alg.MLDSA() || alg.Known() || alg.Symmetric() || alg.HashSize() != 0 {
			t.Errorf("%s: got it known, want it named and not known", alg)
		}
		if trusted(t, RS256).key.Fits(alg) {
			t.Errorf("%s: got it to fit an RSA key", alg)
		}
		_, err := MLDSAPublicKey(alg, make([]byte, 1312))
		if refused, ok := errors.AsType[*KeyError](err); !ok || refused.Cause != CauseKeyType {
			t.Errorf("%s: got %v, want cause %q", alg, err, CauseKeyType)
		}
	}
}
