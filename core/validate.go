package core

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// withDefaults fills what was left out and takes copies of what the caller
// could still change.
func (c Config) withDefaults() Config {
	if c.Keys == nil {
		c.Keys = Discovery{}
	}
	keys, jwts := c.Keys, true
	if asked, ok := c.Keys.(Introspection); ok {
		asked = asked.withDefaults()
		c.Keys, keys, jwts = asked, asked.Keys, asked.Keys != nil
	}
	if len(c.Algorithms) == 0 && jwts {
		c.Algorithms = []Algorithm{RS256, ES256}
		if symmetric(keys) {
			c.Algorithms = []Algorithm{HS256}
		}
	}
	if len(c.Types) == 0 && c.Profile == "" && jwts {
		c.Types = c.Profile.types()
	}
	switch c.Leeway {
	case 0:
		c.Leeway = defaultLeeway
	case NoLeeway:
		c.Leeway = 0
	}
	if len(c.RolesAt) == 0 {
		c.RolesAt = []string{"roles"}
	}
	if len(c.PermissionsAt) == 0 {
		c.PermissionsAt = []string{"permissions"}
	}
	if c.Logger == nil {
		c.Logger = warnings()
	}
	c.Trace = c.Trace.copied()
	c.DPoP = c.DPoP.withDefaults()
	c.ClientCert = c.ClientCert.withDefaults()
	c.Algorithms = slices.Clone(c.Algorithms)
	c.Audiences = slices.Clone(c.Audiences)
	c.Clients = slices.Clone(c.Clients)
	c.RolesAt = slices.Clone(c.RolesAt)
	c.PermissionsAt = slices.Clone(c.PermissionsAt)
	c.RequireClaims = slices.Clone(c.RequireClaims)
	c.Types = slices.Clone(c.Types)
	for i, t := range c.Types {
		c.Types[i] = mediaType(t)
	}
	return c
}

// symmetric reports whether whoever verifies with the keys can sign with them.
func symmetric(keys KeySource) bool {
	switch keys := keys.(type) {
	case Secret, Secrets:
		return true
	case Introspection:
		return symmetric(keys.Keys)
	}
	return false
}

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
	found.checkDuration("Leeway", c.Leeway, time.Second, maxLeeway, "NoLeeway")
	found.checkDuration("MaxAge", c.MaxAge, time.Second, math.MaxInt64, "0 for no limit")
	if c.TokenCache < 0 {
		found.add("TokenCache is %d, want a count, or 0 for none", c.TokenCache)
	}
	if slices.ContainsFunc(c.RequireClaims, func(r Requirement) bool { return r == nil }) {
		found.add("RequireClaims holds a nil Requirement")
	}
	// All of them in one error: who mends one mistake at a time starts the service
	// once for each.
	found = append(found, c.Err, c.validateAlgorithms(), c.validateTypes(), c.validateKeys(), c.DPoP.validate(), c.ClientCert.validate())
	return found.join()
}

func (c Config) validateKeys() error {
	if c.Err != nil {
		return nil // its cause may have left no Issuer or Keys to complain about
	}
	switch c.Keys.(type) {
	case Discovery, JWKS, JWKSDocument, JWKSFile, PEM, Secret, Secrets, Introspection:
		return c.Keys.validate(c)
	}
	// A pointer to one of them has its methods too, and may be nil.
	return invalid("Keys", fmt.Errorf("got a %T, want a value of one of this package's sources and no pointer", c.Keys))
}

func (c Config) validateAlgorithms() error {
	var found mistakes
	symmetric := symmetric(c.Keys)
	for _, a := range c.Algorithms {
		alg := jws.Algorithm(a)
		switch {
		case strings.EqualFold(string(a), "none"):
			found.add("Algorithms holds %q: an unsigned token proves nothing", a)
		case alg.MLDSA() && !alg.Known():
			found.add("Algorithms holds %q, which needs a program built with Go 1.27 or later; this one was built with %s", a, runtime.Version())
		case !alg.Known():
			found.add("Algorithms holds %q, want a signature algorithm of RFC 7518, 8037, 9864 or 9964 such as %q", a, RS256)
		case alg.Symmetric() && !symmetric:
			found.add("Algorithms holds %q beside public keys: HMAC needs a Secret", a)
		case !alg.Symmetric() && symmetric:
			found.add("Algorithms holds %q beside a Secret, want HS256, HS384 or HS512", a)
		}
	}
	return found.join()
}

func (c Config) validateTypes() error {
	var found mistakes
	switch c.Profile {
	case "", ProfileRFC9068, ProfileIDToken, ProfileLogoutToken:
		if c.Profile != "" && len(c.Types) > 0 {
			found.add("Types is %q beside Profile %q, want no Types: the profile says which typ its tokens have", c.Types, c.Profile)
		}
	default:
		found.add("Profile is %q, want %q, %q, %q or none", c.Profile, ProfileRFC9068, ProfileIDToken, ProfileLogoutToken)
	}
	for _, t := range c.Types {
		// Parameters are not part of a type's name: "at+jwt; v=1" would never match.
		if strings.ContainsFunc(t, func(r rune) bool { return r <= ' ' || r > '~' || r == ';' || r == ',' }) {
			found.add("Types holds %q, want an ASCII media type without parameters, such as %q", t, "at+jwt")
		}
	}
	return found.join()
}
