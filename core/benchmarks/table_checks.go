package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// checkers are the verifiers that people choose between, each set up as its own documentation shows.
func checkers() []maker {
	return []maker{
		{"jwtmw", newJwtmw, true},
		{second, newGolangJWT, false},
		{"go-oidc", newGoOIDC, false},
		{"auth0", newAuth0App, false},
		{"echo-jwt", newEchoJWT, false},
		{"gin-jwt", newGinJWT, false},
	}
}

// checkTable shows who lets pass what a careful verifier refuses.
func checkTable(w io.Writer, _ plan) error {
	f := newFixture("RS256")
	m := markdown{columns: []string{"an RS256 token that"}}
	for _, c := range checkers() {
		m.columns = append(m.columns, c.name)
	}
	for _, b := range doubtful(f) {
		row := []string{b.name}
		for _, c := range checkers() {
			verify, err := c.make(f)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			verdict := "refused"
			if verify(context.Background(), b.token) == nil {
				verdict = "**passes**"
			}
			row = append(row, verdict)
		}
		m.add(row...)
	}
	m.write(w, "What is checked", "Signed by the trusted key, unless the row says otherwise.")
	return nil
}

// doubtful are tokens that RFC 7519, RFC 8725, RFC 9068, RFC 9449 or strict JSON rule out.
func doubtful(f *fixture) []bad {
	header, segments := f.header(), strings.Split(f.token, ".")
	with := func(changes map[string]any) string { return f.sign(header, payload(changes)) }
	headed := func(name string, value any) string {
		changed := f.header()
		changed[name] = value
		return f.sign(changed, payload(nil))
	}
	return []bad{
		{"says alg none", jwttest.Compact([]byte(`{"alg":"none","typ":"JWT"}`), payload(nil), nil)},
		{"is an HMAC under the public key", jwttest.SignHMAC("HS256", f.signer.PublicKeyPEM(f.alg), mustJSON(map[string]any{"alg": "HS256", "kid": f.kid}), payload(nil))},
		{"another key signed", segments[0] + "." + segments[1] + "." + strings.Split(newFixture(f.alg).token, ".")[2]},
		{"has expired", with(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()})},
		{"never expires", f.sign(header, []byte(strings.Replace(string(payload(nil)), `"exp":`, `"ends":`, 1)))},
		{"is of another issuer", with(map[string]any{"iss": "https://other.example/"})},
		{"is for another audience", with(map[string]any{"aud": "https://other.example"})},
		{"is not valid yet", with(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()})},
		{"was issued tomorrow", with(map[string]any{"iat": time.Now().Add(24 * time.Hour).Unix()})},
		{"is a DPoP proof by its typ", headed("typ", "dpop+jwt")},
		{"asks for an unknown extension (crit)", headed("crit", []string{"example"})},
		{"is bound to a client's key (cnf), sent without a proof", with(map[string]any{"cnf": map[string]any{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}})},
		{"is a logout token (events)", with(map[string]any{"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}})},
		{"names its subject twice", f.sign(header, []byte(strings.Replace(string(payload(nil)), `"sub":`, `"sub":"mallory","sub":`, 1)))},
		{"spells exp as Exp", f.sign(header, []byte(strings.Replace(string(payload(nil)), `"exp":`, `"Exp":`, 1)))},
		{"is 100 kB long", with(map[string]any{"pad": strings.Repeat("x", 100_000)})},
	}
}
