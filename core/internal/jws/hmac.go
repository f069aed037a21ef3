package jws

import (
	"crypto/hmac"
	"fmt"
	"hash"
	"slices"
	"sync"
)

// Secret is an HMAC secret, as octets: the material of a [Key] for the HS
// algorithms.
type Secret []byte

// minSecret is the size of the shortest hash (RFC 7518 section 3.2).
const minSecret = 32

type hmacKey struct {
	secret []byte
	usable []Algorithm

	// macs holds a pool of hash.Hash per algorithm. Each of them keeps the state
	// that the secret has brought it to, which saves two blocks a token.
	macs map[Algorithm]*sync.Pool
}

func newHMACKey(secret Secret) (*hmacKey, error) {
	if len(secret) < minSecret {
		return nil, &KeyError{CauseSecretSize, fmt.Sprintf("got %d octets, wanted at least %d", len(secret), minSecret)}
	}
	k := &hmacKey{secret: slices.Clone(secret), macs: make(map[Algorithm]*sync.Pool)}
	for _, alg := range []Algorithm{HS256, HS384, HS512} {
		if len(secret) < alg.HashSize() {
			break
		}
		k.usable = append(k.usable, alg)
		k.macs[alg] = &sync.Pool{New: func() any { return hmac.New(alg.hash().New, k.secret) }}
	}
	return k, nil
}

func (k *hmacKey) algorithms() []Algorithm { return k.usable }

func (k *hmacKey) equal(other material) bool {
	o, ok := other.(*hmacKey)
	return ok && hmac.Equal(k.secret, o.secret)
}

func (k *hmacKey) verify(alg Algorithm, w *workspace, signature []byte) bool {
	// RFC 7518 section 3.2: a truncated MAC is no MAC.
	if len(signature) != alg.HashSize() {
		return false
	}
	pool := k.macs[alg]
	mac := pool.Get().(hash.Hash)
	defer pool.Put(mac)
	mac.Reset()
	mac.Write(w.signed)
	return hmac.Equal(mac.Sum(w.sum[:0]), signature)
}
