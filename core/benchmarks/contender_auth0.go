package main

import (
	"context"
	"time"

	"github.com/auth0/go-jwt-middleware/v3/validator"
)

func newAuth0(f *fixture) (func(context.Context, string) error, error) {
	v, err := auth0Validator(f)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, token string) error {
		_, err := v.ValidateToken(ctx, token)
		return err
	}, nil
}

func auth0Validator(f *fixture) (*validator.Validator, error) {
	keys, err := jwxKeys(f)
	if err != nil {
		return nil, err
	}
	return validator.New(
		validator.WithKeyFunc(func(context.Context) (any, error) { return keys, nil }),
		validator.WithAlgorithm(validator.SignatureAlgorithm(f.alg)),
		validator.WithIssuer(issuerURL), validator.WithAudience(audience), validator.WithAllowedClockSkew(30*time.Second),
	)
}
