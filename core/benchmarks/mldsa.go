//go:build go1.27

package main

import (
	"crypto"
	"crypto/mldsa"
)

func mldsaAlgorithms() []string { return []string{"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"} }

// checkMLDSA returns nil for another kind of key.
func checkMLDSA(key any, signature []byte) func(signed []byte) bool {
	public, is := key.(*mldsa.PublicKey)
	if !is {
		return nil
	}
	return func(signed []byte) bool { return mldsa.Verify(public, signed, signature, nil) == nil }
}

func generateMLDSA(alg string) (crypto.Signer, error) {
	parameters := map[string]mldsa.Parameters{"ML-DSA-44": mldsa.MLDSA44(), "ML-DSA-65": mldsa.MLDSA65(), "ML-DSA-87": mldsa.MLDSA87()}
	return mldsa.GenerateKey(parameters[alg])
}
