package recipes

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// page is the origin of the web page that may call these services.
const page = "https://app.example"

var issuer = jwttest.NewIssuer("")

func config() core.Config {
	return core.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}},
	}
}

// visit sends what a probe and a browser send, and prints each status and
// whether the page may read the answer.
func visit(send func(*http.Request) *http.Response) {
	health := httptest.NewRequest(http.MethodGet, "/healthz", nil)

	preflight := httptest.NewRequest(http.MethodOptions, "/api/orders", nil)
	preflight.Header.Set("Origin", page)
	preflight.Header.Set("Access-Control-Request-Method", http.MethodGet)
	preflight.Header.Set("Access-Control-Request-Headers", "authorization")

	anonymous := httptest.NewRequest(http.MethodGet, "/api/orders", nil)
	anonymous.Header.Set("Origin", page)

	good := anonymous.Clone(anonymous.Context())
	good.Header.Set("Authorization", "Bearer "+issuer.Token(nil))

	// Not a preflight: it asks for no method, so it is judged like any request.
	options := httptest.NewRequest(http.MethodOptions, "/api/orders", nil)

	for _, request := range []struct {
		name string
		*http.Request
	}{{"health", health}, {"preflight", preflight}, {"no token", anonymous}, {"token", good}, {"OPTIONS", options}} {
		response := send(request.Request)
		readable := response.Header.Get("Access-Control-Allow-Origin") == page
		fmt.Printf("%-9s %d readable=%t\n", request.name, response.StatusCode, readable)
	}
}

// visitHandler is visit for an http.Handler.
func visitHandler(h http.Handler) {
	visit(func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	})
}
