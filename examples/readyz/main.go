// Command readyz is a service that tells its platform whether it has keys, and
// that may start while its issuer is down:
//
//	JWT_ISSUER=https://login.example.com/ JWT_AUDIENCE=https://api.example.com KEYS=/var/lib/orders/keys go run ./examples/readyz
//
// GET /readyz needs no token. It answers 200 if tokens can be judged, else 503.
// GET /debug/keys on 127.0.0.1:8081 shows the state of the keys, also in an
// outage, when nobody could be authorized to see it.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

func main() {
	fetch := core.Fetch{}
	if directory := os.Getenv("KEYS"); directory != "" {
		// The last good keys survive a restart. Whoever can write there can forge tokens.
		fetch.Store = core.DirStore(directory)
	}
	config, err := core.ConfigFromEnv("JWT")
	if err != nil {
		log.Fatal(err)
	}
	switch keys := config.Keys.(type) { // a file, say, is read at every start anyway
	case nil:
		config.Keys = core.Discovery{Fetch: fetch}
	case core.Discovery:
		config.Keys = core.Discovery{URL: keys.URL, Fetch: fetch}
	case core.JWKS:
		config.Keys = core.JWKS{URL: keys.URL, Fetch: fetch}
	}
	config.Logger = slog.Default()
	verifier, err := core.New(config)
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.ListenAndServe("127.0.0.1:8081", debug(verifier))) }()
	log.Fatal(http.ListenAndServe(cmp.Or(os.Getenv("ADDR"), ":8080"), service(verifier)))
}

// service guards everything but the readiness probe.
func service(v *core.Verifier) http.Handler {
	guard := jwtmw.Guard(core.Guard{Verifier: v})
	mux := http.NewServeMux()
	mux.Handle("GET /readyz", ready(v))
	mux.Handle("/", guard(http.HandlerFunc(hello)))
	return mux
}

// ready loads keys if there are none, and waits for them no longer than the
// probe does.
func ready(v *core.Verifier) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := v.Ready(r.Context()); err != nil {
			http.Error(w, "no keys", http.StatusServiceUnavailable) // the Logger has the cause
			return
		}
		fmt.Fprintln(w, "ready")
	})
}

// debug shows Verifier.Stats: ages and limits in nanoseconds.
func debug(v *core.Verifier) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/keys", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v.Stats())
	})
	return mux
}

func hello(w http.ResponseWriter, r *http.Request) {
	claims, _ := jwtmw.FromContext(r.Context())
	fmt.Fprintf(w, "hello %s\n", claims.Subject)
}
