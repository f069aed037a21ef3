package keyset

import (
	"crypto"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// mldsaSizes are the octets of a public key (RFC 9964 section 4, FIPS 204 table 2).
var mldsaSizes = map[jws.Algorithm]int{jws.MLDSA44: 1312, jws.MLDSA65: 1952, jws.MLDSA87: 2592}

// mldsa reads a key of type AKP, whose alg alone says what pub is, and is required (RFC 9964 section 2). Of other algorithms
// that may come to have the type, the cause is the one of every alg that a key cannot do.
func (k *jwk) mldsa() (crypto.PublicKey, error) {
	alg := jws.Algorithm(k.alg)
	size, known := mldsaSizes[alg]
	switch {
	case !k.hasAlg || k.pub == "":
		return nil, errors.New(`got kty AKP without "alg" or without "pub"`)
	case !known:
		return nil, &jws.KeyError{Cause: causeAlgorithm, Detail: fmt.Sprintf("got kty AKP with alg %q, want one of RFC 9964", cut(k.alg))}
	case !alg.Known():
		return nil, &jws.KeyError{Cause: causeKeyType, Detail: "got kty AKP in a program that was built with a Go before 1.27"}
	case len(k.pub) != base64.RawURLEncoding.EncodedLen(size):
		return nil, &jws.KeyError{Cause: causeMaterial, Detail: fmt.Sprintf("got %d characters of pub, want those of %d octets", len(k.pub), size)}
	}
	octets, err := jws.AppendDecode(make([]byte, 0, size), k.pub)
	if err != nil {
		return nil, err
	}
	return jws.MLDSAPublicKey(alg, octets)
}
