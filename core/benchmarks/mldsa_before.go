//go:build !go1.27

package main

func mldsaAlgorithms() []string { return nil }

func checkMLDSA(any, []byte) func(signed []byte) bool { return nil }
