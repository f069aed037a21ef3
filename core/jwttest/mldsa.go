//go:build go1.27

package jwttest

import (
	"crypto"
	"crypto/mldsa"
)

// mldsaAlgorithms returns the names of RFC 9964.
func mldsaAlgorithms() []string { return []string{"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"} }

func generateMLDSA(alg string) crypto.Signer {
	parameters := map[string]mldsa.Parameters{"ML-DSA-44": mldsa.MLDSA44(), "ML-DSA-65": mldsa.MLDSA65(), "ML-DSA-87": mldsa.MLDSA87()}
	return must(mldsa.GenerateKey(parameters[alg]))
}
