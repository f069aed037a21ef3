// Command golangjwt is the service of command alone behind a middleware written by hand on golang-jwt and keyfunc.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	issuer := flag.String("issuer", "https://issuer.example/", "issuer of the tokens")
	keys := flag.String("keys", "https://issuer.example/keys", "URL of its key set")
	audience := flag.String("audience", "https://api.example", "name of this service in tokens")
	ready := flag.Bool("ready", false, "end as soon as the service listens")
	flag.Parse()
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(*issuer), jwt.WithAudience(*audience), jwt.WithExpirationRequired())
	set, err := keysOf(*keys, *ready)
	if err != nil {
		log.Fatal(err)
	}
	guard := authenticate(parser, set.Keyfunc)
	mux := http.NewServeMux()
	mux.Handle("GET /orders", guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := r.Context().Value(claimsKey{}).(*jwt.RegisteredClaims)
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

// keysOf fetches the keys, as keyfunc does when it is made, unless this process ends before its first request: that wait
// is the network's.
func keysOf(url string, ready bool) (keyfunc.Keyfunc, error) {
	if ready {
		return keyfunc.New(keyfunc.Options{Storage: jwkset.NewMemoryStorage()})
	}
	return keyfunc.NewDefault([]string{url})
}

type claimsKey struct{}

func authenticate(parser *jwt.Parser, keys jwt.Keyfunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			claims := new(jwt.RegisteredClaims)
			if _, err := parser.ParseWithClaims(token, claims, keys); err != nil || !strings.EqualFold(scheme, "Bearer") {
				w.Header().Set("WWW-Authenticate", "Bearer")
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), claimsKey{}, claims)))
		})
	}
}
