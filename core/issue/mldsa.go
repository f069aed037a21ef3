//go:build go1.27

package issue

import (
	"crypto"
	"crypto/mldsa"

	"github.com/jwtmw/jwtmw/core"
)

func mldsaAlgorithms() []core.Algorithm {
	return []core.Algorithm{core.MLDSA44, core.MLDSA65, core.MLDSA87}
}

func generateMLDSA(algorithm core.Algorithm) (crypto.Signer, error) {
	parameters := map[core.Algorithm]mldsa.Parameters{core.MLDSA44: mldsa.MLDSA44(), core.MLDSA65: mldsa.MLDSA65(), core.MLDSA87: mldsa.MLDSA87()}
	return mldsa.GenerateKey(parameters[algorithm])
}

// mldsaAlgorithm is the one of a key in hand, and whether it is such a key.
func mldsaAlgorithm(private crypto.Signer) (core.Algorithm, bool) {
	key, is := private.(*mldsa.PrivateKey)
	if !is {
		return "", false
	}
	return core.Algorithm(key.PublicKey().Parameters().String()), true
}
