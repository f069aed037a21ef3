package main

import (
	"encoding/json"
	"net/http"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// netHTTPHandler answers with the claims of whoever asks, under net/http.
func netHTTPHandler(guard core.Guard) http.Handler {
	claims := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(claims)
	})
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", claims)
	mux.Handle("GET /orders", jwtmw.Require(core.Scope(ordersScope))(claims))
	return jwtmw.Guard(guard)(mux)
}
