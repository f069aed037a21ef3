// Command jwtmw is the service of command alone behind this module's middleware.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	issuer := flag.String("issuer", "https://issuer.example/", "issuer of the tokens")
	keys := flag.String("keys", "https://issuer.example/keys", "URL of its key set")
	audience := flag.String("audience", "https://api.example", "name of this service in tokens")
	ready := flag.Bool("ready", false, "end as soon as the service listens")
	flag.Parse()
	guard := jwtmw.NetHTTP(core.Config{
		Issuer: *issuer, Keys: core.JWKS{URL: *keys}, Audiences: []string{*audience}, Algorithms: []core.Algorithm{core.RS256},
	})
	mux := http.NewServeMux()
	mux.Handle("GET /orders", guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		fmt.Fprintln(w, "orders of", claims.Subject)
	})))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	if fmt.Println(listener.Addr()); *ready {
		return
	}
	log.Fatal(server.Serve(listener))
}
