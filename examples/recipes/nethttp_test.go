package recipes

import (
	"net/http"

	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// A mux of its own is net/http's group: the guard stands around the inner one,
// CORS around the outer one.
func Example_nethttp() {
	api := http.NewServeMux()
	api.HandleFunc("GET /api/orders", func(http.ResponseWriter, *http.Request) {})

	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("/api/", jwtmw.NetHTTP(config())(api))
	visitHandler(netHTTPCORS(mux))
	// Output:
	// health    200 readable=false
	// preflight 204 readable=true
	// no token  401 readable=true
	// token     200 readable=true
	// OPTIONS   401 readable=false
}

func netHTTPCORS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		if r.Header.Get("Origin") == page {
			h.Set("Access-Control-Allow-Origin", page)
			h.Set("Access-Control-Expose-Headers", "WWW-Authenticate")
		}
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Headers", "Authorization")
		w.WriteHeader(http.StatusNoContent)
	})
}
