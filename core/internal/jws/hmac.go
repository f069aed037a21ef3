package jws

import (
	"crypto/hmac"
	"crypto/subtle"
	"fmt"
	"hash"
	"slices"
	"sync"
)

// Secret is an HMAC secret, as octets: the material of a [Key] for the HS
// algorithms.
type Secret []byte

// Secrets are the material of a [Key] that any of them can have signed for.
type Secrets []Secret

// minSecret is the size of the shortest hash (RFC 7518 section 3.2).
const minSecret = 32

type hmacKey struct {
	secrets []Secret
	usable  []Algorithm // by every secret

	// macs holds for each algorithm a pool of hash.Hash per secret. Each of them
	// keeps the state that its secret has brought it to, which saves two blocks a
	// token.
	macs map[Algorithm][]*sync.Pool
}

func newHMACKey(secrets Secrets) (*hmacKey, error) {
	if len(secrets) == 0 {
		return nil, &KeyError{CauseSecretSize, "got no secret"}
	}
	k := &hmacKey{macs: make(map[Algorithm][]*sync.Pool)}
	shortest := len(secrets[0])
	for _, secret := range secrets {
		shortest = min(shortest, len(secret))
		k.secrets = append(k.secrets, slices.Clone(secret))
	}
	if shortest < minSecret {
		return nil, &KeyError{CauseSecretSize, fmt.Sprintf("got %d octets, want at least %d", shortest, minSecret)}
	}
	for _, alg := range []Algorithm{HS256, HS384, HS512} {
		if shortest < alg.HashSize() {
			break
		}
		k.usable = append(k.usable, alg)
		for _, secret := range k.secrets {
			k.macs[alg] = append(k.macs[alg], &sync.Pool{New: func() any { return hmac.New(alg.hash().New, secret) }})
		}
	}
	return k, nil
}

func (k *hmacKey) algorithms() []Algorithm { return k.usable }

func (k *hmacKey) equal(other material) bool {
	o, ok := other.(*hmacKey)
	return ok && slices.EqualFunc(k.secrets, o.secrets, func(a, b Secret) bool { return hmac.Equal(a, b) })
}

// verify tries every secret, also after one has matched, so that the time tells
// nobody which it was.
func (k *hmacKey) verify(alg Algorithm, w *workspace, signature []byte) bool {
	// RFC 7518 section 3.2: a truncated MAC does not count.
	if len(signature) != alg.HashSize() {
		return false
	}
	matched := 0
	for _, pool := range k.macs[alg] {
		mac := pool.Get().(hash.Hash)
		mac.Reset()
		mac.Write(w.signed)
		matched |= subtle.ConstantTimeCompare(mac.Sum(w.sum[:0]), signature)
		pool.Put(mac)
	}
	return matched == 1
}
