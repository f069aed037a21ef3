//go:build !go1.27

package jwttest

import "crypto"

func mldsaAlgorithms() []string { return nil }

func generateMLDSA(string) crypto.Signer { panic("jwttest: no ML-DSA before Go 1.27") }
