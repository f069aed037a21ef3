package main

import (
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// trial is a request that every service is to judge.
type trial struct {
	name          string
	authorization []string // values of Authorization, one header line each
	want          verdict
}

// trials are the demo's requests, with tokens that are new.
func trials(issuer *jwttest.Issuer) []trial {
	passes := verdict{status: 200, text: jwttest.Subject}
	refused := func(reason string) verdict { return verdict{status: 401, text: reason} }
	good := issuer.Token(nil)
	past := map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}
	elsewhere := map[string]any{"aud": "https://other.test"}
	// A stranger has keys of its own. One names itself, the other takes the issuer's name.
	stranger := jwttest.NewIssuer("https://stranger.test")
	impostor := jwttest.NewIssuer(issuer.URL())

	return []trial{
		{"no token", nil, refused("no_token")},
		{"good RS256", bearer(good), passes},
		{"good ES256", bearer(issuer.Token(nil, jwttest.Algorithm("ES256"))), passes},
		{"expired", bearer(issuer.Token(past)), refused("expired")},
		{"wrong audience", bearer(issuer.Token(elsewhere)), refused("wrong_audience")},
		{"wrong issuer", bearer(stranger.Token(nil)), refused("wrong_issuer")},
		{"tampered payload", bearer(tamper(issuer)), refused("bad_signature")},
		{"alg none", bearer(issuer.Token(nil, jwttest.Unsigned())), refused("wrong_algorithm")},
		{"HS256 public key", bearer(confuse(issuer)), refused("wrong_algorithm")},
		{"unknown kid", bearer(impostor.Token(nil)), refused("unknown_key")},
		{"two headers", bearer(good, good), verdict{status: 400, text: "multiple_tokens"}},
	}
}

func bearer(tokens ...string) []string {
	lines := make([]string, len(tokens))
	for i, token := range tokens {
		lines[i] = "Bearer " + token
	}
	return lines
}

// tamper puts another user's payload between the header and the signature of a
// good token.
func tamper(issuer *jwttest.Issuer) string {
	good := strings.Split(issuer.Token(nil), ".")
	other := strings.Split(issuer.Token(map[string]any{"sub": "mallory"}), ".")
	return good[0] + "." + other[1] + "." + good[2]
}

// confuse signs with what everyone knows, the public key, in the hope that it
// is taken for an HMAC secret (RFC 8725 section 2.1).
func confuse(issuer *jwttest.Issuer) string {
	return issuer.Token(nil,
		jwttest.HMAC("HS256", issuer.PublicKeyPEM("RS256")),
		jwttest.KeyID(issuer.KeyID("RS256")))
}
