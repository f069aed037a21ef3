package keyset

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func metadata(issuer, jwksURI string) func(*http.Request) (*http.Response, error) {
	return status(200, fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q,"response_types_supported":["code"]}`, issuer, jwksURI))
}

func TestWellKnown(t *testing.T) {
	tests := map[string][]string{
		"https://a.test":                 {"https://a.test/.well-known/openid-configuration", "https://a.test/.well-known/oauth-authorization-server"},
		"https://a.test/":                {"https://a.test/.well-known/openid-configuration", "https://a.test/.well-known/oauth-authorization-server"},
		"https://a.test/realms/one":      {"https://a.test/realms/one/.well-known/openid-configuration", "https://a.test/.well-known/oauth-authorization-server/realms/one"},
		"https://a.test:8443/realms/%41": {"https://a.test:8443/realms/%41/.well-known/openid-configuration", "https://a.test:8443/.well-known/oauth-authorization-server/realms/%41"},
		"acme.com":                       {"acme.com/.well-known/openid-configuration"},
	}
	for issuer, want := range tests {
		if got := wellKnown(issuer); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", issuer, got, want)
		}
	}
}

func TestDiscovery(t *testing.T) {
	const (
		name  = "https://issuer.test/realm/"
		oidc  = "/realm/.well-known/openid-configuration"
		oauth = "/.well-known/oauth-authorization-server/realm"
	)
	type pages = map[string]func(*http.Request) (*http.Response, error)
	good := metadata(name, "https://issuer.test/keys")
	tests := []struct {
		name     string
		url      string
		pages    pages
		want     string
		requests int
	}{
		{"OpenID Connect", "", pages{oidc: good}, found, 2},
		{"RFC 8414", "", pages{oauth: good}, found, 3},
		{"RFC 8414 behind a start page", "", pages{oidc: status(200, "<html>"), oauth: good}, found, 3},
		{"RFC 8414 behind a 401", "", pages{oidc: status(401, ""), oauth: good}, found, 3},
		{"nowhere", "", pages{}, unavailable, 2},
		{"an issuer in trouble is not asked twice", "", pages{oidc: status(503, ""), oauth: good}, unavailable, 1},
		{"a busy issuer is not asked twice", "", pages{oidc: status(429, ""), oauth: good}, unavailable, 1},
		{"its own URL", "https://issuer.test/metadata", pages{"/metadata": good}, found, 2},
		{"its own URL alone", "https://issuer.test/metadata", pages{oidc: good}, unavailable, 1},
		{"B14 another issuer", "", pages{oidc: metadata("https://evil.test/realm/", "https://issuer.test/keys"), oauth: good}, unavailable, 1},
		{"B14 issuer without its slash", "", pages{oidc: metadata("https://issuer.test/realm", "https://issuer.test/keys")}, unavailable, 1},
		{"B14 issuer of another case", "", pages{oidc: metadata("https://ISSUER.test/realm/", "https://issuer.test/keys")}, unavailable, 1},
		{"B14 a template for an issuer", "", pages{oidc: metadata("https://issuer.test/{tenantid}/", "https://issuer.test/keys")}, unavailable, 1},
		{"B14 issuer twice", "", pages{oidc: status(200, `{"issuer":"x","issuer":"`+name+`","jwks_uri":"https://issuer.test/keys"}`)}, unavailable, 2},
		{"B14 no issuer", "", pages{oidc: status(200, `{"jwks_uri":"https://issuer.test/keys"}`)}, unavailable, 1},
		{"B14 issuer a number", "", pages{oidc: status(200, `{"issuer":1,"jwks_uri":"https://issuer.test/keys"}`)}, unavailable, 1},
		{"no jwks_uri", "", pages{oidc: status(200, `{"issuer":"`+name+`"}`)}, unavailable, 1},
		{"jwks_uri over http", "", pages{oidc: metadata(name, "http://issuer.test/keys")}, unavailable, 1},
		{"jwks_uri in the own network", "", pages{oidc: metadata(name, "http://169.254.169.254/keys")}, unavailable, 1},
		{"jwks_uri a file", "", pages{oidc: metadata(name, "file:///etc/passwd")}, unavailable, 1},
		{"jwks_uri relative", "", pages{oidc: metadata(name, "/keys")}, unavailable, 1},
		{"B08 metadata redirect", "", pages{oidc: status(302, "", "Location", "/metadata"), "/metadata": good}, unavailable, 1},
		{"B07 metadata without end", "", pages{oidc: status(200, strings.Repeat(" ", 2<<20)+"{}")}, unavailable, 1},
		{"metadata hang", "", pages{oidc: hang}, unavailable, 1},
		{"keys missing", "", pages{oidc: metadata(name, "https://issuer.test/gone")}, unavailable, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tt.pages["/keys"] = ok(kids("a"))
				i := newIssuer(byPath(tt.pages))
				s := Discovery(name, tt.url, i.options())
				got, waited := ask(s, "a")
				if got != tt.want || waited > DefaultTimeout {
					t.Errorf("got %s after %s, want %s (%s)", got, waited, tt.want, s.Stats().LastError)
				}
				wantRequests(t, i, tt.requests)
			})
		})
	}
}

func TestDiscoveryTimeoutCoversBothDocuments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(byPath(map[string]func(*http.Request) (*http.Response, error){
			"/.well-known/openid-configuration": after(3*time.Second, metadata("https://issuer.test", keysURL)),
			"/jwks":                             after(3*time.Second, ok(kids("a"))),
		}))
		wantAnswer(t, Discovery("https://issuer.test", "", i.options()), "a", unavailable, DefaultTimeout)
	})
}

func TestDiscoveryFollowsAMovedKeySet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages := map[string]func(*http.Request) (*http.Response, error){
			"/.well-known/openid-configuration": status(200, `{"issuer":"https://issuer.test","jwks_uri":"https://issuer.test/one"}`, "ETag", `"m1"`),
			"/one":                              status(200, kids("a"), "Cache-Control", "max-age=600", "ETag", `"k1"`),
			"/two":                              status(200, kids("b"), "Cache-Control", "max-age=600", "ETag", `"k2"`),
		}
		i := newIssuer(byPath(pages))
		s := Discovery("https://issuer.test", "", i.options()).(*remote)
		wantAnswer(t, s, "a", found, 0)
		metadataOf := "/.well-known/openid-configuration"
		moved := status(200, `{"issuer":"https://issuer.test","jwks_uri":"https://issuer.test/two"}`, "ETag", `"m2"`)

		i.now(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == metadataOf {
				return moved(r)
			}
			return byPath(pages)(r)
		})
		wantAnswer(t, s, "b", found, 0) // one token of the bucket for the metadata and the keys
		wantRequests(t, i, 4)
		if h := i.last().Header; h.Get("If-None-Match") != "" {
			t.Errorf("got %v at the new address, want no validator of the old one", h)
		}
		if tokens := s.bucket.Tokens(); tokens != 1 {
			t.Errorf("got %v tokens left, want 1", tokens)
		}

		i.now(func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("If-None-Match") == "" {
				t.Errorf("%s: got no validator", r.URL)
			}
			return status(304, "")(r)
		})
		time.Sleep(9 * time.Minute)
		wantAnswer(t, s, "b", found, 0)
		synctest.Wait()
		if state := s.state.Load(); state.failures != 0 || state.located.address != "https://issuer.test/two" {
			t.Errorf("after 304 twice: got %+v, want the same keys confirmed", state.located)
		}
	})
}
