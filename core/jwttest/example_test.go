package jwttest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// A service is tested with tokens that its own guard verifies: no socket, and no
// switch that turns authentication off.
func Example() {
	issuer := jwttest.NewIssuer("")
	guard := jwtmw.NetHTTP(issuer.Config())
	orders := guard(jwtmw.Require(core.Scope("orders:read"))(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			claims, _ := jwtmw.FromContext(r.Context())
			fmt.Fprint(w, "orders of ", claims.Subject)
		})))

	for _, scope := range []string{"orders:read", "orders:write"} {
		r := httptest.NewRequest("GET", "/orders", nil)
		r.Header.Set("Authorization", "Bearer "+issuer.Token(map[string]any{"scope": scope}))
		w := httptest.NewRecorder()
		orders.ServeHTTP(w, r)
		fmt.Println(scope, w.Code)
	}
	// Output:
	// orders:read 200
	// orders:write 403
}

// Keys rotate, and an issuer has bad days.
func ExampleIssuer_Misbehave() {
	issuer := jwttest.NewIssuer("")
	client := issuer.Client()

	issuer.Misbehave(jwttest.Fail(http.StatusBadGateway), jwttest.JWKS)
	answer, _ := client.Get(issuer.JWKSURL())
	answer.Body.Close()
	fmt.Println(answer.StatusCode)

	issuer.Recover()
	issuer.Rotate("RS256")
	answer, _ = client.Get(issuer.JWKSURL())
	answer.Body.Close()
	fmt.Println(answer.StatusCode, issuer.Fetches())
	// Output:
	// 502
	// 200 2
}
