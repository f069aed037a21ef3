package core

import (
	"slices"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/keyset"
)

// Secrets are HMAC secrets of which any verifies, at most four, newest first.
// They change a secret without refusing a token: every service verifies with
// the new and the old one, then the issuer signs with the new one, and when the
// last old token has expired the old one goes. Which of them matched does not
// show in the time that a token takes.
type Secrets []Secret

func (s Secret) validate(c Config) error { return Secrets{s}.validate(c) }

func (s Secret) open(c Config) (keyset.Source, error) { return Secrets{s}.open(c) }

// validate holds every secret against every algorithm's hash. Where no algorithm
// has one, which is another mistake, the shortest hash counts.
func (s Secrets) validate(c Config) error {
	var found mistakes
	if len(s) == 0 || len(s) > maxSecrets {
		found.add("Secrets holds %d secrets, want 1 to %d", len(s), maxSecrets)
	}
	least, of := jws.HS256.HashSize(), HS256
	for _, a := range c.Algorithms {
		if size := jws.Algorithm(a).HashSize(); jws.Algorithm(a).Symmetric() && size > least {
			least, of = size, a
		}
	}
	for i, secret := range s {
		if len(secret) < least {
			found.add("the Secret has %d octets, want at least %d for %s (RFC 7518 section 3.2)", len(secret), least, of)
		}
		if slices.ContainsFunc(s[:i], func(earlier Secret) bool { return string(earlier) == string(secret) }) {
			found.add("Secrets holds one secret twice: the new one is the old one")
		}
	}
	return found.join()
}

func (s Secrets) open(Config) (keyset.Source, error) {
	secrets := make(jws.Secrets, len(s))
	for i, secret := range s {
		secrets[i] = jws.Secret(secret)
	}
	key, err := jws.NewKey(secrets)
	if err != nil {
		return nil, invalid("Secret", err)
	}
	return keyset.Static(key), nil
}
