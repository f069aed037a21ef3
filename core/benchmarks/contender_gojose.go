package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

func newGoJose(f *fixture) (func(context.Context, string) error, error) {
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(f.document, &keys); err != nil {
		return nil, err
	}
	algorithms := []jose.SignatureAlgorithm{jose.SignatureAlgorithm(f.alg)}
	return func(_ context.Context, token string) error {
		parsed, err := jwt.ParseSigned(token, algorithms)
		if err != nil {
			return err
		}
		var claims struct {
			jwt.Claims
			Scope string `json:"scope"`
		}
		if err := parsed.Claims(&keys, &claims); err != nil {
			return err
		}
		return claims.ValidateWithLeeway(jwt.Expected{Issuer: issuerURL, AnyAudience: jwt.Audience{audience}, Time: time.Now()}, 30*time.Second)
	}, nil
}
