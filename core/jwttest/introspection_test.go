package jwttest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// Each row is one request to the introspection endpoint.
func TestIntrospectionEndpoint(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	issuer.RegisterClient("with: colon", "p%s+ä")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issuer.RegisterClientKey("signing", key.Public())
	token, revoked := issuer.Opaque(map[string]any{"sub": "bob"}), issuer.Opaque(nil)
	issuer.Revoke(revoked)
	basic := func(id, secret string) func(*http.Request, url.Values) {
		return func(r *http.Request, _ url.Values) { r.SetBasicAuth(id, secret) }
	}
	good := basic(url.QueryEscape(jwttest.ClientID), url.QueryEscape(jwttest.ClientSecret))
	signed := func(change func(*jwt.Claims)) func(*http.Request, url.Values) {
		return func(_ *http.Request, form url.Values) {
			now := time.Now()
			claims := jwt.Claims{Issuer: "signing", Subject: "signing", Audience: jwt.Audience{issuer.URL()}, ID: rand.Text(),
				IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(time.Minute))}
			change(&claims)
			form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
			form.Set("client_assertion", assertion(t, key, claims))
		}
	}
	for _, test := range []struct {
		name   string
		token  string
		client func(*http.Request, url.Values)
		status int
		body   string
	}{
		{"active", token, good, 200, `"active":true`},
		{"its claims", token, good, 200, `"sub":"bob"`},
		{"revoked", revoked, good, 200, `{"active":false}`},
		{"unknown", "unknown", good, 200, `{"active":false}`},
		{"a JWT of the issuer", issuer.Token(nil), good, 200, `{"active":false}`},
		{"no token", "", good, 400, ""},
		{"no client", token, func(*http.Request, url.Values) {}, 401, ""},
		{"wrong secret", token, basic(url.QueryEscape(jwttest.ClientID), "wrong"), 401, ""},
		{"no secret", token, basic("signing", ""), 401, ""},
		{"a form of a colon", token, basic(url.QueryEscape("with: colon"), url.QueryEscape("p%s+ä")), 200, `"active":true`},
		{"credentials that are no form", token, basic("with: colon", "p%s+ä"), 401, ""},
		{"private_key_jwt", token, signed(func(*jwt.Claims) {}), 200, `"active":true`},
		{"for another audience", token, signed(func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://evil.test"} }), 401, ""},
		{"of another client", token, signed(func(c *jwt.Claims) { c.Issuer = "other" }), 401, ""},
		{"expired assertion", token, signed(func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(time.Now().Add(-time.Second)) }), 401, ""},
		{"assertion for an hour", token, signed(func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(time.Now().Add(time.Hour)) }), 401, ""},
		{"assertion without jti", token, signed(func(c *jwt.Claims) { c.ID = "" }), 401, ""},
		{"jti for the first time", token, signed(func(c *jwt.Claims) { c.ID = "twice" }), 200, `"active":true`},
		{"jti for the second time", token, signed(func(c *jwt.Claims) { c.ID = "twice" }), 401, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			form := url.Values{}
			if test.token != "" {
				form.Set("token", test.token)
			}
			r, err := http.NewRequestWithContext(t.Context(), "POST", issuer.IntrospectionURL(), nil)
			if err != nil {
				t.Fatal(err)
			}
			test.client(r, form)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Body = io.NopCloser(strings.NewReader(form.Encode()))
			response, err := issuer.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != test.status || !strings.Contains(string(body), test.body) {
				t.Errorf("got status %d, %q, %v, want %d with %q", response.StatusCode, body, err, test.status, test.body)
			}
		})
	}
}

func assertion(t *testing.T, key *ecdsa.PrivateKey, claims jwt.Claims) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestOpaqueConfig(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	v, err := core.New(issuer.OpaqueConfig())
	if err != nil {
		t.Fatal(err)
	}
	token := issuer.Opaque(map[string]any{"sub": "bob"})
	if claims, err := v.Verify(t.Context(), token); err != nil || claims.Subject != "bob" {
		t.Errorf("got %v, %v, want the claims of bob", claims, err)
	}
	issuer.Revoke(token)
	if _, err := v.Verify(t.Context(), token); err == nil || issuer.Introspections() != 2 {
		t.Errorf("got %v after %d calls, want a revoked token refused by the second", err, issuer.Introspections())
	}
	issuer.Misbehave(jwttest.Fail(503), jwttest.Introspection)
	if _, err := v.Verify(t.Context(), issuer.Opaque(nil)); core.RefusalOf(err).Status != 503 {
		t.Errorf("got %v, want status 503", err)
	}
}
