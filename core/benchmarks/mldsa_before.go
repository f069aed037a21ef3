//go:build !go1.27

package main

import (
	"crypto"
	"fmt"
)

func mldsaAlgorithms() []string { return nil }

func checkMLDSA(any, []byte) func(signed []byte) bool { return nil }

func generateMLDSA(alg string) (crypto.Signer, error) {
	return nil, fmt.Errorf("got algorithm %s, want one that this Go does", alg)
}
