package main

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// TestIdentity wants all four fields with every answer that passes, whatever the token and the client say.
func TestIdentity(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	handler := handlerOf(t, issuer)
	rows := []struct {
		name   string
		claims map[string]any
		want   string // subject | client | scope
	}{
		{"F80 as usual", map[string]any{"sub": "auth0|5f", "client_id": "web", "scope": "read write"}, "auth0|5f | web | read write"},
		{"F81 nothing said", map[string]any{"sub": nil, "client_id": nil, "scope": nil}, " |  | "},
		{"F82 a line break", map[string]any{"sub": "a\r\nX-Auth-Scope: admin", "client_id": nil, "scope": nil}, "a%0D%0AX-Auth-Scope:%20admin |  | "},
		{"F83 blanks around it, which a parser trims", map[string]any{"sub": " alice", "client_id": "alice ", "scope": nil}, "%20alice | alice%20 | "},
		{"F84 beyond ASCII", map[string]any{"sub": "zoë", "client_id": nil, "scope": nil}, "zo%C3%AB |  | "},
		{"F85 what looks escaped", map[string]any{"sub": "zo%C3%AB", "client_id": nil, "scope": nil}, "zo%25C3%25AB |  | "},
		{"F86 a placeholder of Caddy", map[string]any{"sub": "{env.HOME}", "client_id": nil, "scope": nil}, "%7Benv.HOME%7D |  | "},
		{"F87 a blank in a scope", map[string]any{"sub": "a", "client_id": nil, "scope": nil, "scp": []string{"a b", "c"}}, "a |  | a%20b c"},
		{"F88 NUL and DEL", map[string]any{"sub": "a\x00\x7f", "client_id": nil, "scope": nil}, "a%00%7F |  | "},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			h := http.Header{"Authorization": {"Bearer " + issuer.Token(row.claims)}}
			for _, name := range []string{"X-Auth-Issuer", "X-Auth-Subject", "X-Auth-Client", "X-Auth-Scope"} {
				h.Set(name, "forged")
			}
			proxies["nginx"](h, "GET", "https", apiHost, "/")
			got := ask(handler, question(h))
			if want := issuer.URL() + " | " + row.want; identity(got.Header) != want {
				t.Errorf("got %q, want %q", identity(got.Header), want)
			}
			if len(got.Header.Values("X-Auth-Client")) != 1 {
				t.Error("got no X-Auth-Client, want it also where it is empty")
			}
			subject, _ := row.claims["sub"].(string)
			if decoded, err := url.PathUnescape(got.Header.Get("X-Auth-Subject")); err != nil || decoded != subject {
				t.Errorf("got %q (%v) from a URL decoder, want %q", decoded, err, subject)
			}
		})
	}
}

// TestAnyQuestion asks by other methods and for other paths: what the proxy asks decides nothing.
func TestAnyQuestion(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	handler := handlerOf(t, issuer)
	for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "PURGE"} {
		for _, path := range []string{"/", "/verify?x=1", "/a/../b", "/%00"} {
			for want, header := range map[int]http.Header{200: {"Authorization": {"Bearer " + issuer.Token(nil)}}, 401: {}} {
				proxies["caddy"](header, "GET", "https", apiHost, "/")
				r := question(header)
				r.Method, r.URL.Path, r.RequestURI = method, path, path
				if got := ask(handler, r); got.StatusCode != want {
					t.Errorf("%s %s: got %d, want %d", method, path, got.StatusCode, want)
				}
			}
		}
	}
}

// TestConfigurationsNameEveryField holds the proxies' files against what the program reads and answers.
func TestConfigurationsNameEveryField(t *testing.T) {
	identity := []string{"X-Auth-Issuer", "X-Auth-Subject", "X-Auth-Client", "X-Auth-Scope"}
	for file, fields := range map[string][][]string{
		"nginx.conf":  {identity, byNginx, byForward, {"DPoP-Nonce", "Retry-After", "WWW-Authenticate", "x_auth_problem"}},
		"dynamic.yml": {identity, byNginx, {"trustForwardHeader: false"}},
		"Caddyfile":   {identity, byNginx},
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, names := range fields {
			for _, name := range names {
				if !strings.Contains(string(text), name) {
					t.Errorf("%s: got no %s in it", file, name)
				}
			}
		}
	}
}
