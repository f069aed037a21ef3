package jws

import (
	"crypto/rsa"
	"fmt"
	"math/big"
)

// RFC 7518 section 3.3 sets the lower bound. The upper one keeps the work for
// one signature bounded: no issuer in use signs with more.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

var rsaAlgorithms = []Algorithm{RS256, RS384, RS512, PS256, PS384, PS512}

type rsaKey struct {
	public rsa.PublicKey
}

func newRSAKey(public *rsa.PublicKey) (*rsaKey, error) {
	if public == nil || public.N == nil {
		return nil, &KeyError{CauseKeyType, "got an RSA key without a modulus"}
	}
	n, e := public.N, public.E
	// First, so that nothing is computed on a modulus of any size.
	if bits := n.BitLen(); n.Sign() < 0 || bits < minRSABits || bits > maxRSABits {
		return nil, &KeyError{CauseRSASize, fmt.Sprintf("got a modulus of %d bits, want %d to %d", bits, minRSABits, maxRSABits)}
	}
	if n.Bit(0) == 0 {
		return nil, &KeyError{CauseRSAModulus, "got an even modulus"}
	}
	// crypto/rsa takes no exponent above 2^31-1.
	if e < 3 || e%2 == 0 || int64(e) > 1<<31-1 {
		return nil, &KeyError{CauseRSAExponent, fmt.Sprintf("got an exponent of %d, want an odd one from 3 to 2^31-1", e)}
	}
	if isROCA(n) {
		return nil, &KeyError{CauseROCA, "got a modulus that can be factored, CVE-2017-15361"}
	}
	return &rsaKey{rsa.PublicKey{N: new(big.Int).Set(n), E: e}}, nil
}

func (k *rsaKey) algorithms() []Algorithm { return rsaAlgorithms }

func (k *rsaKey) equal(other material) bool {
	o, ok := other.(*rsaKey)
	return ok && k.public.Equal(&o.public)
}

func (k *rsaKey) verify(alg Algorithm, w *workspace, signature []byte) bool {
	// RFC 8017 sections 8.1.2 and 8.2.2, step 1.
	if len(signature) != k.public.Size() {
		return false
	}
	digest := w.digest(alg)
	switch alg {
	case PS256, PS384, PS512:
		// RFC 7518 section 3.5: the salt is as long as the hash. A length found
		// out from the signature would do for any signer but that one.
		w.pss = rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: alg.hash()}
		return rsa.VerifyPSS(&k.public, alg.hash(), digest, signature, &w.pss) == nil
	default:
		return rsa.VerifyPKCS1v15(&k.public, alg.hash(), digest, signature) == nil
	}
}
