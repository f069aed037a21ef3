package main

import (
	"context"

	"github.com/coreos/go-oidc/v3/oidc"
)

// newGoOIDC returns nil for HMAC, which go-oidc does not do.
func newGoOIDC(f *fixture) (func(context.Context, string) error, error) {
	if f.symmetric() {
		return nil, nil
	}
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), f.client()), jwksURL)
	verifier := oidc.NewVerifier(issuerURL, keys, &oidc.Config{ClientID: audience, SupportedSigningAlgs: []string{f.alg}})
	return func(ctx context.Context, token string) error {
		_, err := verifier.Verify(ctx, token)
		return err
	}, nil
}
