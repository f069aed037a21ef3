package frameworks

import (
	"fmt"
	"net/http"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// Mux is a service under the standard library's router. What needs a token is
// in a mux of its own, with the guard around it; what is open is beside it.
func Mux(g core.Guard) http.Handler {
	api := http.NewServeMux()
	api.HandleFunc("GET /api/hello", hello)
	api.Handle("GET /api/orders", jwtmw.Require(core.Scope("orders:read"))(http.HandlerFunc(orders)))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthy)
	mux.Handle("/api/", jwtmw.Guard(g)(api))
	return mux
}

func hello(w http.ResponseWriter, r *http.Request) {
	claims, _ := jwtmw.FromContext(r.Context())
	fmt.Fprint(w, claims.Subject)
}

func orders(w http.ResponseWriter, r *http.Request) {
	claims, _ := jwtmw.FromContext(r.Context())
	fmt.Fprint(w, claims.Subject)
}

func healthy(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }
