package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/jwtmw/jwtmw/core"
)

// starter makes a verifier of an issuer whose keys are at a URL, verifies one token, and leaves nothing behind. The
// client is new, as it is in a process that starts.
type starter struct {
	name  string
	start func(ctx context.Context, f *fixture, client *http.Client, url string) error
}

// starters has jwtmw twice: with a Store that has seen the keys before this start, and without one.
func starters(store core.Store) []starter {
	return []starter{
		{"jwtmw, warm DirStore", func(ctx context.Context, f *fixture, client *http.Client, url string) error {
			return startJwtmw(ctx, f, core.Fetch{Client: client, Store: store}, url)
		}},
		{"jwtmw", func(ctx context.Context, f *fixture, client *http.Client, url string) error {
			return startJwtmw(ctx, f, core.Fetch{Client: client}, url)
		}},
		{second, startKeyfunc},
		{"go-oidc", startGoOIDC},
	}
}

func startJwtmw(ctx context.Context, f *fixture, fetch core.Fetch, url string) error {
	config := jwtmwConfig(f)
	config.Keys, config.Logger = core.JWKS{URL: url, Fetch: fetch}, slog.New(slog.DiscardHandler)
	v, err := core.New(config)
	if err != nil {
		return err
	}
	_, err = v.Verify(ctx, f.token)
	return err
}

func startKeyfunc(ctx context.Context, f *fixture, client *http.Client, url string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends its refresh goroutine
	keys, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{url}, keyfunc.Override{
		Client:                  client,
		RefreshErrorHandlerFunc: func(string) func(context.Context, error) { return func(context.Context, error) {} },
	})
	if err != nil {
		return err
	}
	_, err = golangParser[golangClaims](f, keys.Keyfunc)(f.token)
	return err
}

func startGoOIDC(ctx context.Context, f *fixture, client *http.Client, url string) error {
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(ctx, client), url)
	_, err := oidc.NewVerifier(issuerURL, keys, &oidc.Config{ClientID: audience, SupportedSigningAlgs: []string{f.alg}}).Verify(ctx, f.token)
	return err
}

// startInHand are the same with the key set in hand: what a start takes where nothing is fetched.
func startersInHand() []starter {
	return []starter{
		{"jwtmw", func(ctx context.Context, f *fixture, _ *http.Client, _ string) error {
			config := jwtmwConfig(f)
			config.Keys = core.JWKSDocument(f.document)
			v, err := core.New(config)
			if err != nil {
				return err
			}
			_, err = v.Verify(ctx, f.token)
			return err
		}},
		{second, func(_ context.Context, f *fixture, _ *http.Client, _ string) error {
			verify, err := golangJWT(f)
			if err != nil {
				return err
			}
			_, err = verify(f.token)
			return err
		}},
	}
}
