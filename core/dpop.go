package core

import (
	"context"
	"slices"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// DPoP has clients prove, with each request, that they hold the key to which their
// token is bound by "cnf" with "jkt" (RFC 9449). It is in force where URLs is set.
// The zero DPoP refuses such tokens.
//
// A bound token comes as "Authorization: DPoP" with one proof in the field DPoP, and
// passes in no other way. Tokens that are bound to nothing go on as Bearer, unless
// Required. Proofs are checked by RFC 9449 section 4.3: typ, alg, jwk, signature,
// htm, htu, iat, ath, nonce and jti.
type DPoP struct {
	// URLs are where clients reach this service: scheme, host, and the part of the
	// path that a gateway strips, such as "https://api.example.com/v1". A proof is
	// held against one of them with the path of the request behind it; what the
	// request itself says of its host could be forged and does not count. https, or
	// http to a loopback address. A request that was not read from a wire, so that
	// Request.Path is empty, matches none. Default: DPoP is not in force.
	URLs []string

	// Required refuses tokens of this issuer that are not bound to a key by "jkt".
	// Default: they pass as Bearer.
	Required bool

	// Algorithms are those that proofs may be signed with; HMAC and ML-DSA are
	// refused. Default: ES256, PS256, RS256, Ed25519 and EdDSA.
	Algorithms []Algorithm

	// MaxAge is how old a proof may be by its "iat", at least a second and at most 5
	// minutes. Config.Leeway is added to it, and is how far "iat" may be ahead of
	// this clock. With Nonces it is 5 minutes either way instead, since the nonce
	// dates the proof. Default: 1 minute.
	MaxAge time.Duration

	// Nonces, where there are any, have each proof carry a nonce of this service (RFC
	// 9449 section 9): a client is told the nonce with a refusal, use_dpop_nonce, and
	// the next one with an answer. They are secrets from which nonces are made, of at
	// least 32 octets, at most four, newest first, the same on every replica. A nonce
	// serves for one to two minutes. A page of another origin can read it only where
	// CORS has "Access-Control-Expose-Headers: DPoP-Nonce, WWW-Authenticate".
	// Default: no nonce is asked for.
	Nonces []Secret

	// Replays remembers the proofs that were used. Replicas that do not share one let
	// a proof pass once each. Default: this process's memory, of 2^20 proofs of all
	// issuers of a Verifier; one key may hold as many as are still free, and is
	// refused with 503 over that.
	Replays ReplayStore
}

// ReplayStore remembers the proofs that were used, for a fleet. It must be safe for
// concurrent use. A gateway and the service behind it need two, or two prefixes: the
// first would use up what the second asks for.
type ReplayStore interface {
	// Claim takes key for ttl and reports whether it was free. It is atomic: of any
	// number of calls within ttl, one is the first. A key has 22 characters of
	// base64url, a ttl is of whole seconds. ctx ends after 2 seconds at most and must
	// be heeded; an error, a panic and silence until then refuse with 503.
	Claim(ctx context.Context, key string, ttl time.Duration) (first bool, err error)
}

const (
	defaultProofAge = time.Minute
	maxProofAge     = 5 * time.Minute
	minNonceSecret  = 32 // octets
)

func (d DPoP) inForce() bool { return len(d.URLs) > 0 }

// withDefaults fills what was left out and copies what the caller could still
// change.
func (d DPoP) withDefaults() DPoP {
	if d.inForce() && len(d.Algorithms) == 0 {
		d.Algorithms = []Algorithm{ES256, PS256, RS256, Ed25519, EdDSA}
	}
	if d.inForce() && d.MaxAge == 0 {
		d.MaxAge = defaultProofAge
	}
	d.URLs = slices.Clone(d.URLs)
	d.Algorithms = slices.Clone(d.Algorithms)
	d.Nonces = slices.Clone(d.Nonces)
	for i, secret := range d.Nonces {
		d.Nonces[i] = slices.Clone(secret)
	}
	return d
}

func (d DPoP) validate() error {
	var found mistakes
	if !d.inForce() && (d.Required || len(d.Algorithms) > 0 || d.MaxAge != 0 || len(d.Nonces) > 0 || d.Replays != nil) {
		found.add("DPoP.URLs is empty beside other fields of DPoP, want where clients reach this service, such as %q", "https://api.example.com")
	}
	for _, raw := range d.URLs {
		if _, err := proof.ParseURL(raw); err != nil {
			found.add("DPoP.URLs: %w", err)
		}
	}
	for _, a := range d.Algorithms {
		if alg := jws.Algorithm(a); !alg.Known() || alg.Symmetric() || alg.MLDSA() {
			found.add("DPoP.Algorithms holds %q, want a signature algorithm with a public key, such as %q", cut(string(a)), ES256)
		}
	}
	found.checkDuration("DPoP.MaxAge", d.MaxAge, time.Second, maxProofAge, "0 for the default")
	if len(d.Nonces) > maxSecrets {
		found.add("DPoP.Nonces holds %d secrets, want at most %d", len(d.Nonces), maxSecrets)
	}
	for i, secret := range d.Nonces {
		if len(secret) < minNonceSecret {
			found.add("DPoP.Nonces holds a secret of %d octets, want at least %d", len(secret), minNonceSecret)
		}
		if slices.ContainsFunc(d.Nonces[:i], func(earlier Secret) bool { return string(earlier) == string(secret) }) {
			found.add("DPoP.Nonces holds one secret twice: the new one is the old one")
		}
	}
	return found.join()
}

// rules are what proofs are judged by, nil where DPoP is not in force. d is valid.
func (d DPoP) rules(leeway time.Duration) *proof.Rules {
	if !d.inForce() {
		return nil
	}
	r := &proof.Rules{MaxAge: d.MaxAge, Leeway: leeway}
	for _, raw := range d.URLs {
		u, err := proof.ParseURL(raw)
		if err != nil {
			panic(err) // validate has parsed it
		}
		r.URLs = append(r.URLs, u)
	}
	for _, a := range d.Algorithms {
		r.Algorithms = append(r.Algorithms, jws.Algorithm(a))
	}
	if len(d.Nonces) > 0 {
		secrets := make([][]byte, len(d.Nonces))
		for i, secret := range d.Nonces {
			secrets[i] = secret
		}
		r.Nonces = proof.NewNonces(secrets)
	}
	return r
}
