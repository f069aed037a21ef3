package keyset

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const oauth = "/.well-known/oauth-authorization-server"

// Where the endpoint is, by the metadata.
func TestEndpointDiscovery(t *testing.T) {
	type pages = map[string]func(*http.Request) (*http.Response, error)
	good := naming(asked)
	for _, tt := range []struct {
		name     string
		pages    pages
		want     string
		requests int
	}{
		{"OpenID Connect", pages{oidc: good}, `"active":true`, 2},
		{"RFC 8414", pages{oauth: good}, `"active":true`, 3},
		{"nowhere", pages{}, "status 404", 2},
		{"in trouble", pages{oidc: status(503, ""), oauth: good}, "status 503", 1},
		{"another issuer", pages{oidc: status(200, `{"issuer":"https://evil.test","introspection_endpoint":"`+asked+`"}`)}, "got issuer", 1},
		{"none", pages{oidc: status(200, `{"issuer":"https://issuer.test","jwks_uri":"https://issuer.test/keys"}`)}, `got no "introspection_endpoint"`, 1},
		{"of a wrong type", pages{oidc: status(200, `{"issuer":"https://issuer.test","introspection_endpoint":1}`)}, "a wrong type", 1},
		{"twice", pages{oidc: status(200, `{"issuer":"https://issuer.test","introspection_endpoint":"x","introspection_endpoint":"`+asked+`"}`)}, "JSON", 2},
		{"over http", pages{oidc: naming("http://issuer.test/introspect")}, "want https", 1},
		{"no URL", pages{oidc: naming("introspect")}, "want an absolute https URL", 1},
		{"with a password", pages{oidc: naming("https://a:b@issuer.test/introspect")}, "user information", 1},
		{"a redirect", pages{oidc: status(302, "", "Location", asked)}, "redirects are not followed", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.pages["/introspect"] = active
			i := newIssuer(byPath(tt.pages))
			e := Introspection("https://issuer.test", "", me, i.options())
			if got, _ := outcomeOf(e); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			wantRequests(t, i, tt.requests)
		})
	}
}

// The metadata are read once for all, again after their age, and again where the endpoint fails: it may have moved.
func TestEndpointMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages := map[string]func(*http.Request) (*http.Response, error){oidc: after(time.Second, naming(asked)), "/introspect": active, "/moved": active}
		i := newIssuer(byPath(pages))
		e := Introspection("https://issuer.test", "", me, i.options())
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() { wantOutcome(t, e, "true", time.Second) })
		}
		all.Wait()
		wantRequests(t, i, 31)
		time.Sleep(12 * time.Minute) // beyond the jitter
		i.now(byPath(map[string]func(*http.Request) (*http.Response, error){oidc: broken, "/introspect": active}))
		wantOutcome(t, e, "true", 0) // while the metadata cannot be read
		wantRequests(t, i, 33)
		wantOutcome(t, e, "true", 0)
		wantRequests(t, i, 34)
		i.now(byPath(map[string]func(*http.Request) (*http.Response, error){oidc: naming("https://issuer.test/moved"), "/moved": active}))
		time.Sleep(time.Second)
		wantOutcome(t, e, "true", 0)
		if got := i.last().URL.Path; got != "/moved" {
			t.Errorf("got a call of %q, want /moved", got)
		}
		i.now(byPath(map[string]func(*http.Request) (*http.Response, error){oidc: naming(asked), "/introspect": active}))
		wantOutcome(t, e, "status 404", 0)
		wantOutcome(t, e, "status 404", 0) // the metadata were read just now
		time.Sleep(10 * time.Second)
		wantOutcome(t, e, "status 404", 0)
		wantOutcome(t, e, "true", 0)
	})
}
