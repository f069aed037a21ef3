// Command nethttp is a net/http service that takes the tokens of one issuer:
//
//	JWT_ISSUER=https://login.example.com/ JWT_AUDIENCE=https://api.example.com go run ./examples/nethttp
package main

import (
	"cmp"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

func main() {
	config, err := core.ConfigFromEnv("JWT")
	if err != nil {
		log.Fatal(err)
	}
	guard := jwtmw.NetHTTP(config)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		fmt.Fprintf(w, "hello %s\n", claims.Subject)
	})
	mux.Handle("GET /orders", jwtmw.Require(core.Scope("orders:read"))(http.HandlerFunc(orders)))
	log.Fatal(http.ListenAndServe(cmp.Or(os.Getenv("ADDR"), ":8080"), guard(mux)))
}

func orders(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "your orders") }
