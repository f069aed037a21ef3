package jwtmw_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

func ExampleNetHTTP() {
	issuer := jwttest.NewIssuer("") // stands in for your identity provider

	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		fmt.Fprintf(w, "hello %s", claims.Subject)
	})
	guard := jwtmw.NetHTTP(jwtmw.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}, // only for a stand-in
	})
	server := guard(mux)

	r := httptest.NewRequest("GET", "/hello", nil)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"), w.Body)

	r.Header.Set("Authorization", "Bearer "+issuer.Token(nil))
	w = httptest.NewRecorder()
	server.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)

	// Output:
	// 401 Bearer {"type":"about:blank","title":"Unauthorized","status":401,"detail":"a token is required","reason":"no_token"}
	// 200 hello alice
}

// One route may ask for more than a valid token.
func ExampleRequire() {
	issuer := jwttest.NewIssuer("")
	ship := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "shipped") })

	mux := http.NewServeMux()
	mux.Handle("POST /ship", jwtmw.Require(core.Scope("orders:ship"))(ship))
	server := jwtmw.NetHTTP(jwtmw.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}},
	})(mux)

	for _, scope := range []string{"orders:read", "orders:read orders:ship"} {
		r := httptest.NewRequest("POST", "/ship", nil)
		r.Header.Set("Authorization", "Bearer "+issuer.Token(map[string]any{"scope": scope}))
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"))
	}

	// Output:
	// 403 Bearer error="insufficient_scope", error_description="the token does not grant a required scope", scope="orders:ship"
	// 200
}
