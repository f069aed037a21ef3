package frameworks

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

func startHTTP(t *testing.T, handler http.Handler) service {
	url := serve(t, handler)
	return service{
		scoped: func(tokens ...string) answer { return get(t, url+"/api/orders", tokens) },
		any:    func(tokens ...string) answer { return get(t, url+"/api/hello", tokens) },
	}
}

func TestOutsideTheGuard(t *testing.T) {
	g := guardOf(t, jwttest.NewIssuer(""))
	for name, handler := range map[string]func(core.Guard) http.Handler{"mux": Mux, "chi": Chi, "huma": Huma} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, handler(g))
			if got := get(t, url+"/healthz", nil).status; got != http.StatusOK {
				t.Errorf("/healthz: got status %d, want 200", got)
			}
			// A stranger does not learn which routes there are.
			if got := get(t, url+"/api/nowhere", nil).status; got != http.StatusUnauthorized {
				t.Errorf("/api/nowhere: got status %d, want 401", got)
			}
		})
	}
}

// A refusal that huma's handler returns is answered as the guard would have.
func TestHumaHandler(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	url := serve(t, Huma(guardOf(t, issuer)))
	want := answer{status: http.StatusForbidden, challenge: `Bearer error="insufficient_scope", error_description="the token does not permit this request"`}
	if got := get(t, url+"/api/owner", []string{issuer.Token(nil)}); got != want {
		t.Errorf("no role: got %+v, want %+v", got, want)
	}
	want = answer{status: http.StatusOK, subject: jwttest.Subject}
	if got := get(t, url+"/api/owner", []string{issuer.Token(map[string]any{"roles": "owner"})}); got != want {
		t.Errorf("the role: got %+v, want %+v", got, want)
	}
	// What huma itself serves tells a stranger nothing.
	for _, path := range []string{"/api/openapi.json", "/api/docs"} {
		if got := get(t, url+path, nil).status; got != http.StatusUnauthorized {
			t.Errorf("%s: got status %d, want 401", path, got)
		}
	}
}

func serve(t *testing.T, handler http.Handler) (url string) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func get(t *testing.T, url string, tokens []string) answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	bear(request.Header, tokens)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := answer{
		status:     response.StatusCode,
		challenge:  response.Header.Get("WWW-Authenticate"),
		retryAfter: response.Header.Get("Retry-After") != "",
	}
	if got.status == http.StatusOK {
		got.subject = string(body)
	}
	return got
}

func bear(header http.Header, tokens []string) {
	for _, token := range tokens {
		header.Add("Authorization", "Bearer "+token)
	}
}
