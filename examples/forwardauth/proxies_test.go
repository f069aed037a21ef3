package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// TestProxies sends what clients send through each proxy, as that proxy asks about it.
func TestProxies(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	prover := jwttest.NewProver("ES256")
	bound := issuer.Token(map[string]any{"cnf": prover.Confirmation()})
	bearer := func(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	cookie := func(more ...string) http.Header {
		h := http.Header{"Cookie": {"theme=dark; session=" + issuer.Token(nil)}}
		for i := 0; i < len(more); i += 2 {
			h.Set(more[i], more[i+1])
		}
		return h
	}
	proof := func(method, url string) http.Header {
		return http.Header{"Authorization": {"DPoP " + bound}, "Dpop": {prover.Proof(method, url, bound, nil)}}
	}
	rows := []struct {
		name, method, target string
		header               func() http.Header // anew for each proxy: a proof serves once
		status               int
		reason               core.Reason
	}{
		{"F01 a good token", "GET", "/orders", func() http.Header { return bearer(issuer.Token(nil)) }, 200, ""},
		{"F02 no token", "GET", "/orders", func() http.Header { return http.Header{} }, 401, core.ReasonNoToken},
		{"F03 an expired token", "GET", "/", func() http.Header {
			return bearer(issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}))
		}, 401, core.ReasonExpired},
		{"F04 two tokens", "GET", "/", func() http.Header { return cookie("Authorization", "Bearer x") }, 400, core.ReasonMultipleTokens},
		{"F05 a cookie, to read", "GET", "/?q=1", func() http.Header { return cookie("Origin", evilOrigin) }, 200, ""},
		{"F06 a cookie, to write, from this origin", "POST", "/", func() http.Header { return cookie("Origin", apiURL) }, 200, ""},
		{"F07 a cookie, to write, from another's page", "POST", "/", func() http.Header { return cookie("Origin", evilOrigin) }, 403, core.ReasonCrossOrigin},
		{"F08 a cookie, from another site", "DELETE", "/", func() http.Header { return cookie("Sec-Fetch-Site", "cross-site") }, 403, core.ReasonCrossOrigin},
		{"F09 a cookie, to write, from another port", "POST", "/", func() http.Header { return cookie("Origin", apiURL+":8443") }, 403, core.ReasonCrossOrigin},
		{"F10 a cookie, to write, from a trusted origin", "POST", "/", func() http.Header { return cookie("Origin", appOrigin) }, 200, ""},
		{"F11 a WebSocket of another's page, without Upgrade, which no proxy hands on", "GET", "/", func() http.Header {
			return cookie("Origin", evilOrigin, "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
		}, 403, core.ReasonCrossOrigin},
		{"F12 a WebSocket of this origin", "GET", "/", func() http.Header { return cookie("Origin", apiURL, "Sec-WebSocket-Version", "13") }, 200, ""},
		{"F13 a proof", "GET", "/orders", func() http.Header { return proof("GET", apiURL+"/orders") }, 200, ""},
		{"F14 a proof, and a query", "POST", "/orders?a=%2F", func() http.Header { return proof("POST", apiURL+"/orders") }, 200, ""},
		{"F15 a proof, and a path that decodes to another", "GET", "/a%2Fb", func() http.Header { return proof("GET", apiURL+"/a%2Fb") }, 200, ""},
		{"F16 a proof for what it decodes to", "GET", "/a%2Fb", func() http.Header { return proof("GET", apiURL+"/a/b") }, 401, core.ReasonInvalidProof},
		{"F17 a proof for another method", "POST", "/orders", func() http.Header { return proof("GET", apiURL+"/orders") }, 401, core.ReasonInvalidProof},
		{"F18 a proof for another path", "GET", "/orders", func() http.Header { return proof("GET", apiURL+"/") }, 401, core.ReasonInvalidProof},
		{"F19 a proof for what the proxy asks", "GET", "/", func() http.Header { return proof("GET", "http://127.0.0.1:9091/") }, 401, core.ReasonInvalidProof},
		{"F20 a bound token as a bearer", "GET", "/", func() http.Header { return bearer(bound) }, 401, core.ReasonSenderConstraint},
	}
	for proxy, describe := range proxies {
		handler := handlerOf(t, issuer)
		for _, row := range rows {
			t.Run(proxy+"/"+row.name, func(t *testing.T) {
				h := row.header()
				describe(h, row.method, "https", apiHost, row.target)
				expect(t, ask(handler, question(h)), row.status, row.reason)
			})
		}
	}
}

// expect holds an answer against what every answer of that status has.
func expect(t *testing.T, got *http.Response, status int, reason core.Reason) {
	t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if found := reasonOf(t, got, string(body)); got.StatusCode != status || found != string(reason) {
		t.Errorf("got %d %q, want %d %q", got.StatusCode, found, status, reason)
	}
	challenge := got.Header.Get("WWW-Authenticate")
	if (challenge != "") != (status == 401 || reason == core.ReasonMultipleTokens) {
		t.Errorf("got challenge %q with %d", challenge, status)
	}
	if problem := got.Header.Get("X-Auth-Problem"); problem != string(body) {
		t.Errorf("got X-Auth-Problem %q, want the body %q", problem, body)
	}
	if passed, named := status == 200, strings.ReplaceAll(identity(got.Header), " | ", "") != ""; passed != named {
		t.Errorf("got identity %q with %d", identity(got.Header), status)
	}
	if cache := got.Header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("got Cache-Control %q, want no-store", cache)
	}
}

func TestProofServesOnce(t *testing.T) {
	issuer, prover := jwttest.NewIssuer(""), jwttest.NewProver("ES256")
	handler := handlerOf(t, issuer)
	token := issuer.Token(map[string]any{"cnf": prover.Confirmation()})
	proof := prover.Proof("GET", apiURL+"/", token, nil)
	for _, reason := range []core.Reason{"", core.ReasonReplayedProof} {
		h := http.Header{"Authorization": {"DPoP " + token}, "Dpop": {proof}}
		proxies["nginx"](h, "GET", "https", apiHost, "/")
		expect(t, ask(handler, question(h)), map[bool]int{true: 200, false: 401}[reason == ""], reason)
	}
}

func TestKeysUnavailable(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	issuer.Misbehave(jwttest.Fail(http.StatusInternalServerError))
	h := http.Header{"Authorization": {"Bearer " + issuer.Token(nil)}}
	proxies["traefik"](h, "GET", "https", apiHost, "/")
	got := ask(handlerOf(t, issuer), question(h))
	expect(t, got, 503, core.ReasonKeysUnavailable)
	if got.Header.Get("Retry-After") == "" {
		t.Error("got no Retry-After, want seconds")
	}
}

// TestOpaqueTokens wants them judged as JWTs are.
func TestOpaqueTokens(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	handler := handlerOf(t, issuer, func(c *core.Config) { c.Keys = issuer.OpaqueConfig().Keys })
	token := issuer.Opaque(map[string]any{"scope": "read"})
	send := func() *http.Response {
		h := http.Header{"Authorization": {"Bearer " + token}}
		proxies["traefik"](h, "GET", "https", apiHost, "/")
		return ask(handler, question(h))
	}
	passed := send()
	expect(t, passed, 200, "")
	if got := passed.Header.Get("X-Auth-Scope"); got != "read" {
		t.Errorf("got X-Auth-Scope %q, want read", got)
	}
	issuer.Revoke(token)
	expect(t, send(), 401, core.ReasonInactive)
}

// TestNonce wants the next nonce with an answer that passes.
func TestNonce(t *testing.T) {
	issuer, prover := jwttest.NewIssuer(""), jwttest.NewProver("ES256")
	token := issuer.Token(map[string]any{"cnf": prover.Confirmation()})
	older, newer := core.Secret(strings.Repeat("o", 32)), core.Secret(strings.Repeat("n", 32))
	with := func(nonces ...core.Secret) http.Handler {
		return handlerOf(t, issuer, func(c *core.Config) { c.DPoP.Nonces = nonces })
	}
	send := func(handler http.Handler) *http.Response {
		h := http.Header{"Authorization": {"DPoP " + token}, "Dpop": {prover.Proof("GET", apiURL+"/", token, nil)}}
		proxies["caddy"](h, "GET", "https", apiHost, "/")
		return ask(handler, question(h))
	}
	refused := send(with(older))
	expect(t, refused, 401, core.ReasonUseDPoPNonce)
	prover.Answer(refused)
	passed := send(with(newer, older))
	expect(t, passed, 200, "")
	if got := passed.Header.Get("DPoP-Nonce"); got == "" || got == refused.Header.Get("DPoP-Nonce") {
		t.Errorf("got DPoP-Nonce %q, want one of the newer secret", got)
	}
}
