package main

import (
	"context"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

func newGolangJWT(f *fixture) (func(context.Context, string) error, error) {
	verify, err := golangJWT(f)
	if err != nil {
		return nil, err
	}
	return func(_ context.Context, token string) error {
		_, err := verify(token)
		return err
	}, nil
}

// golangClaims is what a service reads of a token. Embedding the registered claims is what golang-jwt documents.
type golangClaims struct {
	Scope string `json:"scope"`
	jwt.RegisteredClaims
}

func golangJWT(f *fixture) (func(token string) (*golangClaims, error), error) {
	keys, err := keyfunc.NewJWKSetJSON(f.document)
	if err != nil {
		return nil, err
	}
	parser := jwt.NewParser(parserOptions(f)...)
	return func(token string) (*golangClaims, error) {
		claims := new(golangClaims)
		_, err := parser.ParseWithClaims(token, claims, keys.Keyfunc)
		return claims, err
	}, nil
}

func parserOptions(f *fixture) []jwt.ParserOption {
	return []jwt.ParserOption{jwt.WithValidMethods([]string{f.alg}), jwt.WithIssuer(issuerURL), jwt.WithAudience(audience), jwt.WithExpirationRequired()}
}
