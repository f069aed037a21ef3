package main

import (
	"context"

	"github.com/jwtmw/jwtmw/core"
)

// manyKeys lets the largest key set pass, which the defaults would refuse.
const (
	manyKeys  = 1 << 17
	manyBytes = 1 << 26
)

func newJwtmw(f *fixture) (func(context.Context, string) error, error) {
	return jwtmwOf(f, jwtmwConfig(f))
}

// newJwtmwCached is jwtmw with Config.TokenCache, so that a token seen before costs no signature check.
func newJwtmwCached(f *fixture) (func(context.Context, string) error, error) {
	config := jwtmwConfig(f)
	config.TokenCache = 1024
	return jwtmwOf(f, config)
}

func jwtmwConfig(f *fixture) core.Config {
	config := core.Config{Issuer: issuerURL, Audiences: []string{audience}, Algorithms: []core.Algorithm{core.Algorithm(f.alg)}}
	if secret, ok := f.key.([]byte); ok {
		config.Keys = core.Secret(secret)
		return config
	}
	config.Keys = core.JWKS{URL: jwksURL, Fetch: core.Fetch{Client: f.client(), MaxKeys: manyKeys, MaxBytes: manyBytes}}
	return config
}

func jwtmwOf(f *fixture, config core.Config) (func(context.Context, string) error, error) {
	v, err := core.New(config)
	if err != nil {
		return nil, err
	}
	if err := v.Ready(context.Background()); err != nil {
		return nil, err
	}
	return func(ctx context.Context, token string) error {
		_, err := v.Verify(ctx, token)
		return err
	}, nil
}
