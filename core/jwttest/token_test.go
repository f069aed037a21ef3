package jwttest_test

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// Every algorithm, signed once by go-jose and once by this package, is verified by go-jose.
func TestTokenVerifies(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	for _, alg := range jwttest.Algorithms() {
		tests := []struct {
			name  string
			token string
		}{
			{"plain", issuer.Token(nil, jwttest.Algorithm(alg))},
			{"with a header of its own", issuer.Token(nil, jwttest.Algorithm(alg), jwttest.Type("at+jwt"))},
			{"verbatim", issuer.Sign(alg, []byte(`{"alg":"`+alg+`"}`), []byte(`{"sub":"alice"}`))},
		}
		for _, test := range tests {
			t.Run(alg+"/"+test.name, func(t *testing.T) {
				if got := subject(t, verify(t, issuer, alg, test.token)); got != "alice" {
					t.Errorf("got sub %q, want alice", got)
				}
				head, _, _ := strings.Cut(test.token, ".")
				if got := object(t, head)["alg"]; got != alg {
					t.Errorf("got alg %v, want %s", got, alg)
				}
			})
		}
	}
}

func TestTokenClaims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		now := float64(time.Now().Unix())
		tests := []struct {
			name   string
			claims map[string]any
			want   map[string]any
		}{
			{"defaults", nil, map[string]any{
				"iss": "https://issuer.test", "sub": "alice", "aud": "https://api.test", "iat": now, "exp": now + 300,
			}},
			{"changed and added", map[string]any{"sub": "bob", "scope": "read"}, map[string]any{
				"iss": "https://issuer.test", "sub": "bob", "aud": "https://api.test", "iat": now, "exp": now + 300, "scope": "read",
			}},
			{"left out", map[string]any{"exp": nil, "aud": nil}, map[string]any{
				"iss": "https://issuer.test", "sub": "alice", "iat": now,
			}},
			{"time and raw", map[string]any{"exp": time.Now().Add(-time.Hour), "sub": json.RawMessage("null")}, map[string]any{
				"iss": "https://issuer.test", "sub": nil, "aud": "https://api.test", "iat": now, "exp": now - 3600,
			}},
		}
		for _, test := range tests {
			given := len(test.claims)
			got := object(t, strings.Split(issuer.Token(test.claims), ".")[1])
			if text(got) != text(test.want) {
				t.Errorf("%s: got %s, want %s", test.name, text(got), text(test.want))
			}
			if len(test.claims) != given {
				t.Errorf("%s: got %d claims in the caller's map, want %d as before", test.name, len(test.claims), given)
			}
		}
	})
}

func TestTokenHeader(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	kid := issuer.KeyID("RS256")
	tests := []struct {
		name    string
		options []jwttest.TokenOption
		want    map[string]any
	}{
		{"default", nil, map[string]any{"alg": "RS256", "kid": kid, "typ": "JWT"}},
		{"type and key id", []jwttest.TokenOption{jwttest.Type("at+jwt"), jwttest.KeyID("")},
			map[string]any{"alg": "RS256", "kid": "", "typ": "at+jwt"}},
		{"removed and added", []jwttest.TokenOption{jwttest.Header(map[string]any{"alg": nil, "kid": nil, "crit": []string{"x"}})},
			map[string]any{"typ": "JWT", "crit": []any{"x"}}},
		{"another alg than signs", []jwttest.TokenOption{jwttest.Header(map[string]any{"alg": "PS512"})},
			map[string]any{"alg": "PS512", "kid": kid, "typ": "JWT"}},
		{"unsigned", []jwttest.TokenOption{jwttest.Unsigned()}, map[string]any{"alg": "none", "typ": "JWT"}},
		{"unsigned, other spelling", []jwttest.TokenOption{jwttest.Unsigned(), jwttest.Header(map[string]any{"alg": "nOnE"})},
			map[string]any{"alg": "nOnE", "typ": "JWT"}},
		{"hmac", []jwttest.TokenOption{jwttest.HMAC("HS512", []byte("short")), jwttest.KeyID("k")},
			map[string]any{"alg": "HS512", "typ": "JWT", "kid": "k"}},
		{"last one holds", []jwttest.TokenOption{jwttest.Unsigned(), jwttest.HMAC("HS256", nil), jwttest.Algorithm("RS256")},
			map[string]any{"alg": "RS256", "kid": kid, "typ": "JWT"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			parts := strings.Split(issuer.Token(nil, test.options...), ".")
			if len(parts) != 3 {
				t.Fatalf("got %d parts, want 3", len(parts))
			}
			if got := object(t, parts[0]); text(got) != text(test.want) {
				t.Errorf("got header %s, want %s", text(got), text(test.want))
			}
			if unsigned, want := parts[2] == "", strings.HasPrefix(test.name, "unsigned"); unsigned != want {
				t.Errorf("got an empty signature: %t, want %t", unsigned, want)
			}
		})
	}
}

func TestPanics(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	tests := []struct {
		name string
		call func()
		want string
	}{
		{"unknown algorithm", func() { issuer.Token(nil, jwttest.Algorithm("ES256K")) }, `got algorithm "ES256K", want one of`},
		{"none is not an algorithm", func() { issuer.Rotate("none") }, `got algorithm "none", want one of`},
		{"hmac with RS256", func() { jwttest.SignHMAC("RS256", nil, nil, nil) }, `got algorithm "RS256", want one of HS256`},
		{"hmac with an unknown hash", func() { jwttest.SignHMAC("HS1", nil, nil, nil) }, `got algorithm "HS1", want one of`},
		{"secret of RS256", func() { issuer.Secret("RS256") }, `got algorithm "RS256", which has no secret`},
		{"public key of HS256", func() { issuer.PublicKey("HS256") }, `got algorithm "HS256", which has a secret`},
		{"fault of no document", func() { issuer.Misbehave(jwttest.Hang(), "keys") }, `got document "keys", want one of ["metadata" "jwks" "introspection"]`},
		{"recovery of no document", func() { issuer.Recover("keys") }, `got document "keys", want one of ["metadata" "jwks" "introspection"]`},
		{"claim that is no JSON", func() { issuer.Token(map[string]any{"exp": math.Inf(1)}) }, "jwttest: json: unsupported value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				got, _ := recover().(string)
				if !strings.Contains(got, test.want) {
					t.Errorf("got panic %q, want it to contain %q", got, test.want)
				}
			}()
			test.call()
		})
	}
}

// verify returns the payload of a token that go-jose takes as signed by the issuer's key for alg.
func verify(t *testing.T, issuer *jwttest.Issuer, alg, token string) []byte {
	t.Helper()
	if alg == "Ed25519" { // go-jose knows this algorithm as EdDSA only
		return verifyEd25519(t, issuer, token)
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		t.Fatalf("got parse error %v, want none", err)
	}
	payload, err := signed.Verify(verificationKey(issuer, alg))
	if err != nil {
		t.Fatalf("got verification error %v, want none", err)
	}
	return payload
}

func verificationKey(issuer *jwttest.Issuer, alg string) any {
	if strings.HasPrefix(alg, "HS") {
		return issuer.Secret(alg)
	}
	return issuer.PublicKey(alg)
}

func subject(t *testing.T, payload []byte) string {
	t.Helper()
	var claims struct{ Sub string }
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims.Sub
}

// object decodes one part of a token.
func object(t *testing.T, part string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

// text spells an object with its members in order.
func text(members map[string]any) string {
	raw, err := json.Marshal(members)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
