//go:build !go1.27

package jws

import "crypto"

// verifiesMLDSA says that this program was built with a crypto/mldsa.
const verifiesMLDSA = false

func newMLDSAKey(any) (_ material, is bool, _ error) { return nil, false, nil }

// MLDSAPublicKey refuses every key.
func MLDSAPublicKey(Algorithm, []byte) (crypto.PublicKey, error) {
	return nil, &KeyError{CauseKeyType, "got an ML-DSA key in a program that was built with a Go before 1.27"}
}
