// Command mcp is an HTTP endpoint in the manner of a Model Context Protocol
// server, which a client can use without being told who issues its tokens:
//
//	JWT_ISSUER=https://login.example.com/ RESOURCE=https://tools.example.com/mcp go run ./examples/mcp
//
// RESOURCE is the URL of the endpoint as clients see it. JWT_AUDIENCE is only
// for an issuer that writes another name than that URL into its tokens.
//
// A request without a token is answered 401 with a challenge that names a
// metadata document (RFC 9728 section 5.1). That document names the
// authorization server, where the client gets a token for this resource.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
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
	handler, err := protect(os.Getenv("RESOURCE"), config)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(cmp.Or(os.Getenv("ADDR"), ":8080"), handler))
}

// protect serves the endpoint and, open to everyone, the document that says how
// to get in. The error names every mistake in what it was given.
func protect(resource string, cfg core.Config) (http.Handler, error) {
	if len(cfg.Audiences) == 0 {
		cfg.Audiences = []string{resource} // what a client asks for with RFC 8707
	}
	metadata := core.ResourceMetadata{
		Resource:               resource,
		AuthorizationServers:   []string{cfg.Issuer},
		ScopesSupported:        []string{"tools:list"},
		BearerMethodsSupported: []string{"header"},
	}
	verifier, err := core.New(cfg)
	_, unusable := metadata.Document() // else ResourceMetadata panics
	if err := errors.Join(err, unusable); err != nil {
		return nil, err
	}
	guard := core.Guard{Verifier: verifier, ResourceMetadata: metadata.URL()}
	chain := func(h http.Handler) http.Handler {
		return jwtmw.Guard(guard)(jwtmw.Require(core.Scope("tools:list"))(h))
	}

	mux := http.NewServeMux()
	mux.Handle(metadata.Path(), jwtmw.ResourceMetadata(metadata))
	mux.Handle("POST /mcp", chain(http.HandlerFunc(listTools)))
	return mux, nil
}

// listTools answers every JSON-RPC request with the same list.
func listTools(w http.ResponseWriter, r *http.Request) {
	var request struct {
		ID json.RawMessage `json:"id"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&request); err != nil {
		http.Error(w, "want a JSON-RPC request", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{
		"jsonrpc": "2.0",
		"id":      request.ID,
		"result":  map[string]any{"tools": []map[string]string{{"name": "weather"}}},
	})
}
