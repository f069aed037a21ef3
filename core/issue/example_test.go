package issue_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

// A login signs a token, a service that knows nothing but the issuer's name takes
// it.
func Example() {
	dir, err := os.MkdirTemp("", "issue")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()

	issuer, err := issue.New(issue.Config{
		Issuer: server.URL,
		Keys:   issue.Ring{Store: issue.FileStore(filepath.Join(dir, "ring"))},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux.Handle("/.well-known/", issuer)

	token, err := issuer.Sign(context.Background(), issue.Claims{
		Subject:  "alice",
		ClientID: "web",
		Audience: []string{"https://api.example.com"},
		Scopes:   []string{"orders:read"},
		More:     map[string]any{"roles": []string{"admin"}},
	})
	if err != nil {
		log.Fatal(err)
	}

	service, err := core.New(core.Config{Issuer: server.URL, Audiences: []string{"https://api.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	claims, err := service.Verify(context.Background(), token)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(claims.Subject, claims.Scopes, claims.Header.Algorithm, claims.Header.Type)
	// Output: alice [orders:read] ES256 at+jwt
}

// Secrets sign and verify in one service.
func ExampleSecrets() {
	issuer, err := issue.New(issue.Config{
		Issuer: "https://shop.example.com",
		Keys:   issue.Secrets{[]byte("32 random octets, not these ones")},
		Type:   "JWT",
	})
	if err != nil {
		log.Fatal(err)
	}
	token, err := issuer.Sign(context.Background(), issue.Claims{Subject: "alice", Audience: []string{"shop"}})
	if err != nil {
		log.Fatal(err)
	}
	service, err := core.New(issuer.Config("shop"))
	if err != nil {
		log.Fatal(err)
	}
	claims, err := service.Verify(context.Background(), token)
	fmt.Println(claims.Subject, err)
	// Output: alice <nil>
}
