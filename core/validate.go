package core

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// validate finds every mistake in a Config whose defaults are filled in.
func (c Config) validate() error {
	var found mistakes
	if c.Err == nil && c.Issuer == "" {
		found.add("Issuer is empty: got %q, want the exact \"iss\" of the tokens", c.Issuer)
	}
	if len(c.Audiences) == 0 && len(c.Clients) == 0 {
		found.add("neither Audiences nor Clients is set: any token of this issuer, for any service, would pass")
	}
	if slices.Contains(c.Audiences, "") {
		found.add("Audiences %q holds an empty name", c.Audiences)
	}
	if slices.Contains(c.Clients, "") {
		found.add("Clients %q holds an empty name", c.Clients)
	}
	if slices.Contains(c.RolesAt, "") {
		found.add("RolesAt %q holds an empty name", c.RolesAt)
	}
	if slices.Contains(c.PermissionsAt, "") {
		found.add("PermissionsAt %q holds an empty name", c.PermissionsAt)
	}
	if c.Leeway < 0 || c.Leeway > maxLeeway {
		found.add("Leeway is %v, want 0 to %v, or NoLeeway", c.Leeway, maxLeeway)
	}
	if c.MaxAge < 0 {
		found.add("MaxAge is %v, want a positive duration, or 0 for no limit", c.MaxAge)
	}
	if c.TokenCache < 0 {
		found.add("TokenCache is %d, want a count, or 0 for none", c.TokenCache)
	}
	if slices.ContainsFunc(c.RequireClaims, func(r Requirement) bool { return r == nil }) {
		found.add("RequireClaims holds a nil Requirement")
	}
	found = append(found, c.Err, c.validateAlgorithms(), c.validateTypes(), c.validateKeys())
	return errors.Join(found...)
}

func (c Config) validateKeys() error {
	if c.Err != nil {
		return nil // its cause may have left no Issuer or Keys to complain about
	}
	switch c.Keys.(type) {
	case Discovery, JWKS, JWKSDocument, JWKSFile, PEM, Secret:
		return c.Keys.validate(c)
	}
	// A pointer to one of them has its methods too, and may be nil.
	return invalid("Keys", fmt.Errorf("got a %T, want a value of one of this package's sources and no pointer", c.Keys))
}

func (c Config) validateAlgorithms() error {
	var found mistakes
	secret, symmetric := c.Keys.(Secret)
	for _, a := range c.Algorithms {
		alg := jws.Algorithm(a)
		switch {
		case strings.EqualFold(string(a), "none"):
			found.add("Algorithms holds %q: an unsigned token proves nothing", a)
		case !alg.Known():
			found.add("Algorithms holds %q, want a signature algorithm of RFC 7518, 8037 or 9864 such as %q", a, RS256)
		case alg.Symmetric() && !symmetric:
			found.add("Algorithms holds %q beside public keys: HMAC needs a Secret", a)
		case !alg.Symmetric() && symmetric:
			found.add("Algorithms holds %q beside a Secret, want HS256, HS384 or HS512", a)
		case symmetric && len(secret) < alg.HashSize():
			found.add("the Secret has %d octets, want at least %d for %s (RFC 7518 section 3.2)", len(secret), alg.HashSize(), a)
		}
	}
	return errors.Join(found...)
}

func (c Config) validateTypes() error {
	var found mistakes
	switch c.Profile {
	case "", ProfileRFC9068, ProfileIDToken:
		if c.Profile != "" && !slices.Equal(c.Types, c.Profile.types()) {
			found.add("Types is %q beside Profile %q, want no Types: the profile says which typ its tokens have", c.Types, c.Profile)
		}
	default:
		found.add("Profile is %q, want %q, %q or none", c.Profile, ProfileRFC9068, ProfileIDToken)
	}
	for _, t := range c.Types {
		// Parameters are not part of a type's name: "at+jwt; v=1" would never match.
		if strings.ContainsFunc(t, func(r rune) bool { return r <= ' ' || r > '~' || r == ';' || r == ',' }) {
			found.add("Types holds %q, want an ASCII media type without parameters, such as %q", t, "at+jwt")
		}
	}
	return errors.Join(found...)
}
