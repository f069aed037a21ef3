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
	return golangJWTOf[golangClaims](f)
}

type claimsOf[C any] interface {
	*C
	jwt.Claims
}

// golangJWTOf reads a token into C, which *C makes jwt.Claims.
func golangJWTOf[C any, P claimsOf[C]](f *fixture) (func(token string) (*C, error), error) {
	keys, err := keyfunc.NewJWKSetJSON(f.document)
	if err != nil {
		return nil, err
	}
	return golangParser[C, P](f, keys.Keyfunc), nil
}

func golangParser[C any, P claimsOf[C]](f *fixture, keys jwt.Keyfunc) func(token string) (*C, error) {
	parser := jwt.NewParser(parserOptions(f)...)
	return func(token string) (*C, error) {
		claims := new(C)
		_, err := parser.ParseWithClaims(token, P(claims), keys)
		return claims, err
	}
}

func parserOptions(f *fixture) []jwt.ParserOption {
	return []jwt.ParserOption{jwt.WithValidMethods([]string{f.alg}), jwt.WithIssuer(issuerURL), jwt.WithAudience(audience), jwt.WithExpirationRequired()}
}
