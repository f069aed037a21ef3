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
	proof         func(url string) string // the value of DPoP; nil: none
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
	// A client holds the key to which its token is bound. Who steals that holds no key.
	client := jwttest.NewProver("ES256")
	bound := issuer.Token(map[string]any{"cnf": client.Confirmation()})
	proof := once(func(url string) string { return client.Proof("GET", url, bound, nil) })

	return []trial{
		{"no token", nil, refused("no_token"), nil},
		{"good RS256", bearer(good), passes, nil},
		{"good ES256", bearer(issuer.Token(nil, jwttest.Algorithm("ES256"))), passes, nil},
		{"expired", bearer(issuer.Token(past)), refused("expired"), nil},
		{"wrong audience", bearer(issuer.Token(elsewhere)), refused("wrong_audience"), nil},
		{"wrong issuer", bearer(stranger.Token(nil)), refused("wrong_issuer"), nil},
		{"tampered payload", bearer(tamper(issuer)), refused("bad_signature"), nil},
		{"alg none", bearer(issuer.Token(nil, jwttest.Unsigned())), refused("wrong_algorithm"), nil},
		{"HS256 public key", bearer(confuse(issuer)), refused("wrong_algorithm"), nil},
		{"unknown kid", bearer(impostor.Token(nil)), refused("unknown_key"), nil},
		{"two headers", bearer(good, good), verdict{status: 400, text: "multiple_tokens"}, nil},
		{"bound, proved", []string{"DPoP " + bound}, passes, proof},
		{"bound, stolen", []string{"DPoP " + bound}, refused("invalid_proof"), nil},
		{"replayed proof", []string{"DPoP " + bound}, refused("replayed_proof"), proof},
	}
}

// once makes one proof for each URL, so that it comes again.
func once(proof func(url string) string) func(url string) string {
	made := map[string]string{}
	return func(url string) string {
		if made[url] == "" {
			made[url] = proof(url)
		}
		return made[url]
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
