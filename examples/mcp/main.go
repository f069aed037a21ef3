// Command mcp is an HTTP endpoint in the manner of a Model Context Protocol
// server, which a client can use without being told who issues its tokens:
//
//	ISSUER=https://login.example.com/ RESOURCE=https://tools.example.com/mcp go run ./examples/mcp
//
// A request without a token is answered 401 with a challenge that names a
// metadata document (RFC 9728 section 5.1). That document names the
// authorization server, where the client gets a token for this resource.
package main

import (
	"cmp"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

func main() {
	resource := os.Getenv("RESOURCE")
	handler := protect(resource, core.Config{
		Issuer:    os.Getenv("ISSUER"),
		Audiences: []string{resource}, // what a client asks for with RFC 8707
	})
	log.Fatal(http.ListenAndServe(cmp.Or(os.Getenv("ADDR"), ":8080"), handler))
}

// protect serves the endpoint and, open to everyone, the document that says how
// to get in.
func protect(resource string, cfg core.Config) http.Handler {
	metadata := core.ResourceMetadata{
		Resource:               resource,
		AuthorizationServers:   []string{cfg.Issuer},
		ScopesSupported:        []string{"tools:list"},
		BearerMethodsSupported: []string{"header"},
	}
	guard := core.MustGuard(cfg)
	guard.ResourceMetadata = metadata.URL()
	chain := func(h http.Handler) http.Handler {
		return jwtmw.Guard(guard)(jwtmw.Require(core.Scope("tools:list"))(h))
	}

	mux := http.NewServeMux()
	mux.Handle(metadata.Path(), jwtmw.ResourceMetadata(metadata))
	mux.Handle("POST /mcp", chain(http.HandlerFunc(listTools)))
	return mux
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
