package endtoend

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

const (
	opaque   = api + "/opaque" // the resource whose tokens are no JWTs
	byAsking = "200 shop by introspection"
)

// A token that is revoked at a real provider is refused at the next request.
func TestOpaqueTokens(t *testing.T) {
	p := startProvider(t)
	services := serve(t, p.opaqueConfig())
	token := p.token(t, grant{resource: opaque, scope: "orders:ship"})
	if strings.Contains(token, ".") {
		t.Fatalf("got a token with dots, want an opaque one")
	}
	expect(t, services, "/", token, byAsking)
	expect(t, services, "/ship", token, byAsking)
	expect(t, services, "/ship", p.token(t, grant{resource: opaque}), "403 insufficient_scope")
	expect(t, services, "/", p.token(t, grant{resource: "https://other.example.com/opaque"}), "401 wrong_audience")
	expect(t, services, "/", "unknown", "401 inactive")

	other := p.token(t, grant{resource: opaque})
	p.revoke(t, token)
	expect(t, services, "/", token, "401 inactive")
	expect(t, services, "/", other, byAsking)

	p.stop()
	expect(t, services, "/", other, "503 introspection_unavailable, Retry-After")
}

// An answer that is remembered outlives its token, for as long as the service has chosen and no longer.
func TestOpaqueTokensRemembered(t *testing.T) {
	p := startProvider(t)
	config := p.opaqueConfig()
	config.Keys = core.Introspection{ClientID: "api", Secret: core.Secret(secret), MaxAge: time.Second}
	services := serve(t, config)
	token := p.token(t, grant{resource: opaque})
	expect(t, services, "/", token, byAsking)
	p.revoke(t, token)
	for _, s := range services {
		s.await(t, token, byAsking, func(answer string) bool { return answer == "401 inactive" })
	}
}

// An issuer that hands out both kinds, to a service that takes both.
func TestOpaqueTokensBesideJWTs(t *testing.T) {
	p := startProvider(t)
	both := p.config()
	both.Keys = core.Introspection{ClientID: "api", Secret: core.Secret(secret), Keys: core.Discovery{}}
	services := serve(t, both)
	expect(t, services, "/", p.token(t, grant{}), accepted)
	expect(t, services, "/", p.token(t, grant{resource: opaque}), byAsking)
}

// The service proves who it is by a key, and the provider by jose that it is its own.
func TestOpaqueTokensByAKey(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key.Public()}
	p.start(t)
	config := p.opaqueConfig()
	config.Keys = core.Introspection{ClientID: "api-key", Key: key}
	expect(t, serve(t, config), "/", p.token(t, grant{resource: opaque}), byAsking)

	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	config.Keys = core.Introspection{ClientID: "api-key", Key: stranger}
	expect(t, serve(t, config), "/", p.token(t, grant{resource: opaque}), "503 introspection_unavailable, Retry-After")
}

// Opaque tokens that are bound to a key pass with a proof of a client that other people wrote, and with nothing less.
func TestOpaqueTokensThatAreBound(t *testing.T) {
	p := startProvider(t)
	services := serveAt(t, func(address string) core.Config {
		config := p.opaqueConfig()
		config.DPoP.URLs = []string{address}
		return config
	})
	args := []string{"oauth4webapi", p.issuer, opaque}
	for _, s := range services {
		args = append(args, s.address+"/")
	}
	output, err := node(t, "client.mjs", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("200 bound by introspection after 1\n", len(services))
	if string(output) != want {
		t.Errorf("got %q, want %q", output, want)
	}
	proof, err := node(t, "proof.mjs", "POST", p.tokenEndpoint()).Output()
	if err != nil {
		t.Fatal(err)
	}
	token := p.token(t, grant{client: "bound", resource: opaque, proof: strings.TrimSpace(string(proof))})
	expect(t, services, "/", token, "401 sender_constraint")
}
