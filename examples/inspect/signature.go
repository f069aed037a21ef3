package main

import (
	"context"
	"errors"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core"
)

// errUnjudged says that nothing is known of a signature.
var errUnjudged = errors.New("the signature was not judged")

// judgeApart holds a token's signature against the key that the verifier would
// take. The verifier itself does not come to the signature of a token that has
// expired, say: so another library is asked. stopped is the altered copy that
// the verifier took as far as its signature. The error is jose.ErrCryptoFailure
// if the signature does not hold, any other if that cannot be told.
func judgeApart(ctx context.Context, token string, stopped trial) error {
	pinned := make([]jose.SignatureAlgorithm, len(stopped.config.Algorithms))
	for i, name := range stopped.config.Algorithms {
		pinned[i] = jose.SignatureAlgorithm(name)
	}
	signed, err := jose.ParseSignedCompact(token, pinned)
	if err != nil {
		return err
	}
	if signed.Signatures[0].Header.Algorithm == string(core.Ed25519) {
		return errUnjudged // go-jose knows it as EdDSA alone
	}
	for _, key := range stopped.keys.apart() {
		if stopped.isHeldAgainst(ctx, key.source) {
			_, err := signed.Verify(key.public)
			return err
		}
	}
	return errUnjudged
}

// isHeldAgainst says that the one key of source is that of the token: the
// verifier comes with it to the signature, which in a copy fails.
func (t trial) isHeldAgainst(ctx context.Context, source core.KeySource) bool {
	t.config.Keys = source
	verifier, err := core.New(t.config)
	if err != nil {
		return false // a key that the verifier skips
	}
	_, err = verifier.Verify(ctx, t.view.text)
	refusal := core.RefusalOf(err)
	return refusal != nil && refusal.Reason == core.ReasonBadSignature
}
