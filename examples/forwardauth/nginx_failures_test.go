package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// TestNginxWithoutKeys wants a 503 to arrive as one, with Retry-After.
func TestNginxWithoutKeys(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	issuer.Misbehave(jwttest.Fail(http.StatusInternalServerError))
	e := startNginx(t, freeAddress(t), handlerOf(t, issuer))
	got, body := e.send(t, "GET", "/", http.Header{"Authorization": {"Bearer " + issuer.Token(nil)}})
	expectFromEdge(t, got, body, 503, core.ReasonKeysUnavailable)
	if got.Header.Get("Retry-After") == "" || e.served() != nil {
		t.Error("got no Retry-After, or the service was reached")
	}
}

// TestNginxWithoutForwardauth wants nobody to pass while nobody decides.
func TestNginxWithoutForwardauth(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	e := startNginx(t, freeAddress(t), handlerOf(t, issuer))
	e.auth.Close()
	got, _ := e.send(t, "GET", "/", http.Header{"Authorization": {"Bearer " + issuer.Token(nil)}})
	if got.StatusCode != 503 || e.served() != nil {
		t.Errorf("got %d, want 503", got.StatusCode)
	}
}

// TestNginxHandsNoncesOn wants a nonce with a refusal and, once it is not the newest, with an answer that passes.
func TestNginxHandsNoncesOn(t *testing.T) {
	issuer, prover := jwttest.NewIssuer(""), jwttest.NewProver("ES256")
	token := issuer.Token(map[string]any{"cnf": prover.Confirmation()})
	address := freeAddress(t)
	older, newer := core.Secret(strings.Repeat("o", 32)), core.Secret(strings.Repeat("n", 32))
	with := func(nonces ...core.Secret) http.Handler {
		return handlerOf(t, issuer, func(c *core.Config) { c.DPoP = core.DPoP{URLs: []string{"http://" + address}, Nonces: nonces} })
	}
	e := startNginx(t, address, with(newer, older))
	send := func() (*http.Response, string) {
		return e.send(t, "GET", "/", http.Header{
			"Authorization": {"DPoP " + token}, "Dpop": {prover.Proof("GET", e.url+"/", token, nil)}})
	}
	got, body := send()
	expectFromEdge(t, got, body, 401, core.ReasonUseDPoPNonce)
	newest := got.Header.Get("DPoP-Nonce")

	// The nonce of a replica that has not got the newer secret yet.
	h := http.Header{"Authorization": {"DPoP " + token}, "Dpop": {prover.Proof("GET", e.url+"/", token, nil)}}
	proxies["nginx"](h, "GET", "http", address, "/")
	prover.Answer(ask(with(older), question(h)))
	got, body = send()
	expectFromEdge(t, got, body, 200, "")
	if nonce := got.Header.Get("DPoP-Nonce"); nonce != newest || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got DPoP-Nonce %q and Cache-Control %q, want %q and no-store", nonce, got.Header.Get("Cache-Control"), newest)
	}
	prover.Answer(got)
	got, _ = send()
	if nonce, cache := got.Header.Get("DPoP-Nonce"), got.Header.Get("Cache-Control"); got.StatusCode != 200 || nonce+cache != "" {
		t.Errorf("with the newest nonce: got %d, DPoP-Nonce %q, Cache-Control %q; want 200 and neither", got.StatusCode, nonce, cache)
	}
}

// TestNginxKeepsTheQuestionToItself wants the location of the question closed to clients.
func TestNginxKeepsTheQuestionToItself(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	e := startNginx(t, freeAddress(t), handlerOf(t, issuer))
	got, _ := e.send(t, "GET", "/_forwardauth", http.Header{"Authorization": {"Bearer " + issuer.Token(nil)}})
	if got.StatusCode != 404 || strings.Join(got.Header.Values("X-Auth-Subject"), "") != "" {
		t.Errorf("got %d with X-Auth-Subject %q, want 404", got.StatusCode, got.Header.Get("X-Auth-Subject"))
	}
}

// TestNginxTriesAnotherServer wants the refusal itself also where nginx asked a dead server first.
func TestNginxTriesAnotherServer(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	e := startNginx(t, freeAddress(t), handlerOf(t, issuer), "	server 127.0.0.1:9091;", "	server "+freeAddress(t)+";\n	server 127.0.0.1:9091;")
	for range 4 { // by turns
		got, body := e.send(t, "GET", "/", http.Header{})
		expectFromEdge(t, got, body, 401, core.ReasonNoToken)
		got, body = e.send(t, "GET", "/", http.Header{"Authorization": {"Bearer " + issuer.Token(nil)}})
		expectFromEdge(t, got, body, 200, "")
	}
}

// TestNginxRefusesByItself wants nginx's own 403 to stay one, and a location to be guarded unless it says otherwise.
func TestNginxRefusesByItself(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	e := startNginx(t, freeAddress(t), handlerOf(t, issuer), "	location / {",
		"	location /closed { deny all; }\n	location /open { auth_request off; return 200 open; }\n	location /new { try_files /none =404; }\n	location / {")
	token := http.Header{"Authorization": {"Bearer " + issuer.Token(nil)}}
	for target, want := range map[string][2]int{"/closed": {403, 403}, "/open": {200, 200}, "/new": {401, 404}} {
		for i, header := range []http.Header{{}, token} {
			if got, body := e.send(t, "GET", target, header); got.StatusCode != want[i] {
				t.Errorf("%s, with a token %t: got %d %q, want %d", target, i == 1, got.StatusCode, body, want[i])
			}
		}
	}
}
