//go:build !go1.27

package issue

import (
	"crypto"
	"errors"

	"github.com/jwtmw/jwtmw/core"
)

func mldsaAlgorithms() []core.Algorithm { return nil }

func generateMLDSA(core.Algorithm) (crypto.Signer, error) { return nil, errors.ErrUnsupported }

// mldsaAlgorithm is for keys that no program of an older Go has in hand.
func mldsaAlgorithm(crypto.Signer) (core.Algorithm, bool) { return "", false }
