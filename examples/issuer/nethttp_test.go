package issuer

import (
	"fmt"
	"net/http"

	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// The pattern has no method, so that the issuer answers those that it refuses.
func Example_nethttp() {
	issuer := newIssuer()
	mux := http.NewServeMux()
	mux.Handle("/.well-known/", issuer)

	guard := jwtmw.NetHTTP(issuer.Config(api))
	mux.Handle("GET /orders", guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		fmt.Fprint(w, orders(claims))
	})))
	visitHandler(issuer, mux)
	// Output:
	// 200 openid-configuration public, max-age=600
	// 200 oauth-authorization-server public, max-age=600
	// 200 jwks.json public, max-age=600
	// 404 nothing
	// 304 the same key set
	// 405 POST
	// 401 without a token
	// 200 the orders of alice
}
