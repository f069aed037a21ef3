package issue_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

func TestPlaces(t *testing.T) {
	const oidc, oauth = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
	for _, tt := range []struct {
		issuer string
		found  []string
		absent []string
		jwks   string
	}{
		{"https://h", []string{jwksPath, oidc, oauth}, []string{"/", "/jwks.json", oidc + "/", "//.well-known/jwks.json"}, "https://h" + jwksPath},
		{"https://h/", []string{jwksPath, oidc, oauth}, []string{oauth + "/"}, "https://h" + jwksPath},
		{"https://h/a/b", []string{"/a/b" + jwksPath, "/a/b" + oidc, oauth + "/a/b"}, []string{jwksPath, oidc, oauth, "/a/b" + oauth, oidc + "/a/b"}, "https://h/a/b" + jwksPath},
		{"https://h/a/", []string{"/a" + jwksPath, "/a" + oidc, oauth + "/a"}, []string{oauth + "/a/", "/a/" + jwksPath}, "https://h/a" + jwksPath},
	} {
		t.Run(tt.issuer, func(t *testing.T) {
			i := newIssuer(t, ring(&memory{}), func(c *issue.Config) { c.Issuer = tt.issuer })
			for _, path := range tt.found {
				w := get(t, i, path)
				if w.Code != 200 || w.Header().Get("ETag") == "" || !strings.HasPrefix(w.Header().Get("Cache-Control"), "public, max-age=") {
					t.Errorf("%s: got %d %v, want 200 with ETag and Cache-Control", path, w.Code, w.Header())
				}
				if strings.HasSuffix(path, jwksPath) {
					continue
				}
				var got map[string]any
				if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got["issuer"] != tt.issuer || got["jwks_uri"] != tt.jwks {
					t.Errorf("%s: got %s, want issuer %s and jwks_uri %s", path, w.Body, tt.issuer, tt.jwks)
				}
				if len(got) != 5 {
					t.Errorf("%s: got %v, want no endpoint that does not exist", path, got)
				}
			}
			for _, path := range tt.absent {
				if w := get(t, i, path); w.Code != 404 {
					t.Errorf("%s: got %d, want 404", path, w.Code)
				}
			}
		})
	}
}

// core finds the keys by the documents, with its Discovery.
func TestDiscovery(t *testing.T) {
	for _, path := range []string{"", "/", "/realm"} {
		t.Run(path, func(t *testing.T) {
			var i *issue.Issuer
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { i.ServeHTTP(w, r) }))
			defer server.Close()
			i = newIssuer(t, ring(&memory{}), func(c *issue.Config) { c.Issuer = server.URL + path })
			v, err := core.New(core.Config{Issuer: server.URL + path, Audiences: []string{api}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := v.Verify(t.Context(), sign(t, i)); err != nil {
				t.Errorf("got %v, want claims", core.RefusalOf(err).Unwrap())
			}
		})
	}
}

func TestMethods(t *testing.T) {
	i := newIssuer(t, ring(&memory{}))
	whole := get(t, i, jwksPath)
	etag := whole.Header().Get("ETag")
	for _, tt := range []struct {
		name, method, path, match string
		status                    int
		body                      bool
	}{
		{"GET", "GET", jwksPath, "", 200, true},
		{"HEAD", "HEAD", jwksPath, "", 200, false},
		{"the same", "GET", jwksPath, etag, 304, false},
		{"the same, weak and among others", "GET", jwksPath, `"x", W/` + etag, 304, false},
		{"any", "GET", jwksPath, "*", 304, false},
		{"HEAD of the same", "HEAD", jwksPath, etag, 304, false},
		{"another", "GET", jwksPath, `"x"`, 200, true},
		{"POST", "POST", jwksPath, "", 405, true},
		{"OPTIONS", "OPTIONS", jwksPath, "", 405, true},
		{"POST elsewhere", "POST", "/", "", 404, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.path, nil)
			if tt.match != "" {
				r.Header.Set("If-None-Match", tt.match)
			}
			w := httptest.NewRecorder()
			i.ServeHTTP(w, r)
			if w.Code != tt.status || (w.Body.Len() > 0) != tt.body {
				t.Errorf("got %d and %d octets, want %d", w.Code, w.Body.Len(), tt.status)
			}
			if tt.status == 405 && w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("got Allow %q, want GET, HEAD", w.Header().Get("Allow"))
			}
			if (tt.status == 200 || tt.status == 304) && (w.Header().Get("ETag") != etag || w.Header().Get("Cache-Control") == "") {
				t.Errorf("got %v, want ETag and Cache-Control", w.Header())
			}
			if tt.method == "HEAD" && tt.status == 200 && w.Header().Get("Content-Length") != whole.Header().Get("Content-Length") {
				t.Errorf("got Content-Length %q, want that of GET, %q", w.Header().Get("Content-Length"), whole.Header().Get("Content-Length"))
			}
		})
	}
}

// A cache that keeps an answer as long as it may never has a set that is not the present one.
func TestCacheControlEndsWithTheSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := ring(&memory{})
		r.Every, r.Ahead, r.MaxAge = 2*time.Hour, time.Hour, 10*time.Minute
		i := newIssuer(t, r)
		var etag, age string
		var until time.Time
		for range 6 * 3600 {
			w := get(t, i, jwksPath)
			if time.Now().Before(until) && w.Header().Get("ETag") != etag {
				t.Fatalf("got another set %v before the end of %s", time.Until(until), age)
			}
			if !time.Now().Before(until) {
				etag, age = w.Header().Get("ETag"), w.Header().Get("Cache-Control")
				d, err := time.ParseDuration(strings.TrimPrefix(age, "public, max-age=") + "s")
				if err != nil || d > 10*time.Minute {
					t.Fatalf("got %q, want at most 10 minutes", age)
				}
				until = time.Now().Add(d)
			}
			time.Sleep(time.Second)
		}
	})
}

func TestUnavailable(t *testing.T) {
	i := newIssuer(t, ring(&memory{fail: errDown}))
	for _, path := range []string{jwksPath, "/.well-known/openid-configuration"} {
		w := get(t, i, path)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store" || strings.Contains(w.Body.String(), "down") {
			t.Errorf("%s: got %d %v %s, want 503 with Retry-After and without the cause", path, w.Code, w.Header(), w.Body)
		}
	}
}

// Whatever is asked, no private member is answered (RFC 7518 section 6).
func TestNoPrivateMembers(t *testing.T) {
	private := []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}
	public := []string{"kty", "crv", "x", "y", "n", "e", "kid", "use", "alg"}
	rotated := func(a core.Algorithm) *issue.Issuer {
		r := ring(&memory{})
		r.Algorithm = a
		i := newIssuer(t, r)
		if err := i.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return i
	}
	for name, i := range map[string]*issue.Issuer{
		"EC": rotated(core.ES256), "RSA": rotated(core.RS256), "OKP": rotated(core.EdDSA),
		"Signers": newIssuer(t, issue.Signers{{Key: rsaKey(t), Algorithm: core.RS256}}),
	} {
		t.Run(name, func(t *testing.T) {
			var set struct{ Keys []map[string]any }
			if err := json.Unmarshal(keySet(t, i), &set); err != nil || len(set.Keys) == 0 {
				t.Fatalf("got %v and %d keys, want some", err, len(set.Keys))
			}
			for _, k := range set.Keys {
				for member := range k {
					if slices.Contains(private, member) || !slices.Contains(public, member) {
						t.Errorf("got member %q, want public ones alone", member)
					}
				}
				if k["use"] != "sig" || k["kid"] == "" || k["alg"] == "" {
					t.Errorf("got %v, want use, kid and alg", k)
				}
			}
		})
	}
	t.Run("Secrets", func(t *testing.T) {
		i := newIssuer(t, issue.Secrets{hmacKey})
		if got := string(keySet(t, i)); got != `{"keys":[]}` {
			t.Errorf("got %s, want an empty set", got)
		}
		if w := get(t, i, "/.well-known/openid-configuration"); strings.Contains(w.Body.String(), string(hmacKey)) || w.Code != 200 {
			t.Errorf("got %d %s, want the metadata", w.Code, w.Body)
		}
	})
}
