package main

import (
	"context"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

func newJwx(f *fixture) (func(context.Context, string) error, error) {
	keys, err := jwxKeys(f)
	if err != nil {
		return nil, err
	}
	return func(_ context.Context, token string) error {
		_, err := jwt.ParseString(token, jwt.WithKeySet(keys), jwt.WithIssuer(issuerURL), jwt.WithAudience(audience),
			jwt.WithRequiredClaim("exp"), jwt.WithAcceptableSkew(30*time.Second))
		return err
	}, nil
}

// jwxKeys holds keys whose "alg" pins the algorithm.
func jwxKeys(f *fixture) (jwk.Set, error) {
	jwk.Configure(jwk.WithMaxKeys(manyKeys)) // its default of 1000 would end the key table early
	return jwk.Parse(f.document)
}
