package jwttest

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Rotate makes a new key for each of the algorithms, for all that have a key if none is named, and signs with it from
// now on. The old keys stay published until [Issuer.Retire].
func (i *Issuer) Rotate(algs ...string) { i.keys.rotate(algs...) }

// Retire takes every key out of the key set that no longer signs.
func (i *Issuer) Retire() { i.keys.retire() }

// Replace is a rotation without overlap: [Issuer.Rotate], with the old keys of these algorithms gone at the same moment.
func (i *Issuer) Replace(algs ...string) { i.keys.replace(algs...) }

// Publish puts JWKs as they are, valid or not, in front of the issuer's own in the key set, in place of those of an
// earlier call. Without arguments it takes them out again.
func (i *Issuer) Publish(jwks ...json.RawMessage) { i.keys.publish(jwks) }

// SetJWKS publishes document, valid or not, instead of the key set. Nil brings the key set back.
func (i *Issuer) SetJWKS(document []byte) { i.keys.override(document) }

// JWKS returns the document that the issuer publishes at the moment, faults apart.
func (i *Issuer) JWKS() []byte {
	document, _ := i.keys.document()
	return document
}

// keyring holds the keys of an issuer and what it publishes of them.
type keyring struct {
	mu       sync.Mutex    // guards what follows
	keys     []*signingKey // the last one of an algorithm signs
	extra    []json.RawMessage
	verbatim []byte // published instead of everything else, unless nil
	changed  time.Time
}

// current returns the key that signs for alg. The first call for an algorithm makes it.
func (k *keyring) current(alg string) *signingKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range slices.Backward(k.keys) {
		if key.alg == alg {
			return key
		}
	}
	return k.add(alg)
}

func (k *keyring) rotate(algs ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, alg := range k.orAll(algs) {
		k.add(alg)
	}
}

func (k *keyring) retire() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.drop(k.orAll(nil))
}

func (k *keyring) replace(algs ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	algs = k.orAll(algs)
	for _, alg := range algs {
		k.add(alg)
	}
	k.drop(algs)
}

func (k *keyring) publish(jwks []json.RawMessage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.extra = slices.Clone(jwks)
	k.changed = time.Now()
}

func (k *keyring) override(document []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.verbatim = bytes.Clone(document)
	k.changed = time.Now()
}

// document returns the key set and when it changed.
func (k *keyring) document() ([]byte, time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.verbatim != nil {
		return bytes.Clone(k.verbatim), k.changed
	}
	jwks := slices.Clone(k.extra)
	for _, key := range k.keys {
		if !key.isSecret() {
			jwks = append(jwks, key.jwk(key.signer().Public()))
		}
	}
	// Joined by hand, because an extra one need not be JSON.
	document := []byte(`{"keys":[`)
	for n, jwk := range jwks {
		if n > 0 {
			document = append(document, ',')
		}
		document = append(document, jwk...)
	}
	return append(document, "]}"...), k.changed
}

// algorithms returns the names of the algorithms that have a key, in the order in which they got one.
func (k *keyring) algorithms() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.orAll(nil)
}

func (k *keyring) add(alg string) *signingKey {
	key := newSigningKey(alg)
	k.keys = append(k.keys, key)
	k.changed = time.Now()
	return key
}

// drop removes the keys of the algorithms that have a younger one.
func (k *keyring) drop(algs []string) {
	var kept []*signingKey
	for n, key := range k.keys {
		younger := slices.ContainsFunc(k.keys[n+1:], func(other *signingKey) bool { return other.alg == key.alg })
		if !younger || !slices.Contains(algs, key.alg) {
			kept = append(kept, key)
		}
	}
	k.keys = kept
	k.changed = time.Now()
}

func (k *keyring) orAll(algs []string) []string {
	if len(algs) > 0 {
		return algs
	}
	for _, key := range k.keys {
		if !slices.Contains(algs, key.alg) {
			algs = append(algs, key.alg)
		}
	}
	return algs
}
