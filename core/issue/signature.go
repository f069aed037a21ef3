package issue

import (
	"context"
	"crypto"
	"crypto/rsa"
	"fmt"
	"io"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/internal/jws"
)

const (
	// signTimeout ends the wait for a key that is elsewhere.
	signTimeout = 10 * time.Second

	// maxSignatures bounds the calls to one key that is elsewhere. Calls that hang
	// cannot be ended; past the bound nobody adds another one to them.
	maxSignatures = 64
)

// signatureOf returns what signs the input of a token (RFC 7515 section 5.1)
// with private, whose public half is public.
func signatureOf(algorithm core.Algorithm, private crypto.Signer, public *jws.Key) func(context.Context, []byte) ([]byte, error) {
	alg := jose.SignatureAlgorithm(algorithm)
	if algorithm == core.Ed25519 {
		alg = jose.EdDSA // one computation; go-jose knows it by its older name (RFC 9864)
	}
	signer := cryptosigner.Opaque(saltedSigner{private})
	sign := func(input []byte) (signature []byte, err error) {
		defer func() {
			if p := recover(); p != nil {
				signature, err = nil, fmt.Errorf("panic in Sign of a %T: %s", private, quote(fmt.Sprint(p)))
			}
		}()
		return signer.SignPayload(input, alg)
	}
	if isInHand(private) {
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
		if err := public.Verify(jws.Algorithm(algorithm), string(input), signature); err != nil {
			return nil, fmt.Errorf("a %T signed with another key than its public one, or in another format: %w", private, err)
		}
		return signature, nil
	}
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
