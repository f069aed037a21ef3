// Package signing signs with private keys that the user brings: in hand, or behind a
// crypto.Signer that asks a KMS or an HSM, may hang and may panic.
package signing

import (
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

const (
	// signTimeout ends the wait for a key that is elsewhere.
	signTimeout = 10 * time.Second

	// maxSignatures bounds the calls to one key that is elsewhere. Calls that hang
	// cannot be ended; past the bound nobody adds another one to them.
	maxSignatures = 64
)

// PublicOf asks a foreign type, which may be a nil pointer and panic.
func PublicOf(private crypto.Signer) (public crypto.PublicKey, err error) {
	if private == nil {
		return nil, errors.New("got no key, want a crypto.Signer")
	}
	defer func() {
		if p := recover(); p != nil {
			err = panicked("Public", private, p)
		}
	}()
	return private.Public(), nil
}

// Func signs the input of a token (RFC 7515 section 5.1).
type Func func(ctx context.Context, input []byte) ([]byte, error)

// Of returns what signs with private, whose public half is public. A key in hand,
// one of the standard library's own types, signs at once. A call of any other ends
// with its context and after 10 seconds at the latest, at most 64 are under way at
// a time, and its signature must verify. A panic is an error.
func Of(algorithm jws.Algorithm, private crypto.Signer, public *jws.Key, inHand bool) Func {
	alg := jose.SignatureAlgorithm(algorithm)
	if algorithm == jws.Ed25519 {
		alg = jose.EdDSA // one computation; go-jose knows it by its older name (RFC 9864)
	}
	signer := cryptosigner.Opaque(saltedSigner{private})
	sign := func(input []byte) (signature []byte, err error) {
		defer func() {
			if p := recover(); p != nil {
				signature, err = nil, panicked("Sign", private, p)
			}
		}()
		return signer.SignPayload(input, alg)
	}
	if inHand {
		return func(_ context.Context, input []byte) ([]byte, error) { return sign(input) }
	}
	e := &elsewhere{sign: sign, calls: make(chan struct{}, maxSignatures)}
	return func(ctx context.Context, input []byte) ([]byte, error) {
		signature, err := e.signature(ctx, input)
		if err != nil {
			return nil, err
		}
		// A KMS alias that was pointed at another key still signs, and nobody could
		// verify it. Beside the round trip this costs nothing.
		if err := public.Verify(algorithm, string(input), signature); err != nil {
			return nil, fmt.Errorf("a %T signed with another key than its public one, or in another format: %w", private, err)
		}
		return signature, nil
	}
}

// panicked quotes at most 64 octets of what foreign code panicked with.
func panicked(method string, private crypto.Signer, value any) error {
	text := fmt.Sprint(value)
	if len(text) > 64 {
		text = text[:64] + "..."
	}
	return fmt.Errorf("panic in %s of a %T: %q", method, private, text)
}

// saltedSigner is a crypto.Signer whose PSS salt is as long as the hash, as RFC
// 7518 section 3.5 wants it; go-jose leaves the length to the signer.
type saltedSigner struct{ crypto.Signer }

func (s saltedSigner) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if pss, ok := opts.(*rsa.PSSOptions); ok {
		opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: pss.Hash}
	}
	return s.Signer.Sign(random, digest, opts)
}

// elsewhere calls a key in a KMS or an HSM: a crypto.Signer has no context, and a
// call is a network round trip.
type elsewhere struct {
	sign  func(input []byte) ([]byte, error)
	calls chan struct{} // holds one element for each call under way
}

func (e *elsewhere) signature(ctx context.Context, input []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, signTimeout, fmt.Errorf("the key did not answer within %v: %w", signTimeout, context.DeadlineExceeded))
	defer cancel()
	select {
	case e.calls <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%d calls of the key are under way: %w", maxSignatures, context.Cause(ctx))
	}
	type result struct {
		signature []byte
		err       error
	}
	done := make(chan result, 1) // with room, so that a late answer ends the goroutine
	go func() {
		defer func() { <-e.calls }()
		signature, err := e.sign(input)
		done <- result{signature, err}
	}()
	select {
	case r := <-done:
		return r.signature, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
