package issuer

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

// api is the name of the guarded service, the "aud" of the tokens.
const api = "https://api.example.com"

// newIssuer has a key that ends with the process. A real one has a Ring or a KeyDir.
func newIssuer() *issue.Issuer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	issuer, err := issue.New(issue.Config{Issuer: "https://login.example.com", Keys: issue.Signers{{ID: "2026-12", Key: key}}})
	if err != nil {
		panic(err)
	}
	return issuer
}

// visit asks for the documents and for a guarded route, and prints what comes.
func visit(issuer *issue.Issuer, send func(*http.Request) *http.Response) {
	for _, document := range []string{"openid-configuration", "oauth-authorization-server", "jwks.json", "nothing"} {
		response := send(httptest.NewRequest(http.MethodGet, "/.well-known/"+document, nil))
		fmt.Println(strings.TrimSpace(fmt.Sprint(response.StatusCode, " ", document, " ", response.Header.Get("Cache-Control"))))
	}
	request := httptest.NewRequest(http.MethodHead, "/.well-known/jwks.json", nil)
	etag := send(request).Header.Get("ETag")
	request.Method = http.MethodGet
	request.Header.Set("If-None-Match", etag)
	fmt.Println(send(request).StatusCode, "the same key set")
	fmt.Println(send(httptest.NewRequest(http.MethodPost, "/.well-known/jwks.json", nil)).StatusCode, "POST")

	request = httptest.NewRequest(http.MethodGet, "/orders", nil)
	fmt.Println(send(request).StatusCode, "without a token")
	token, err := issuer.Sign(request.Context(), issue.Claims{Subject: "alice", ClientID: "web", Audience: []string{api}})
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response := send(request)
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		panic(err)
	}
	fmt.Println(response.StatusCode, body.String())
}

// visitHandler is visit for an http.Handler.
func visitHandler(issuer *issue.Issuer, h http.Handler) {
	visit(issuer, func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	})
}

func orders(c *core.Claims) string { return "the orders of " + c.Subject }
