package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// TestThroughNginx holds the shipped nginx.conf, run by nginx itself, against what client and service have to see.
func TestThroughNginx(t *testing.T) {
	issuer, prover := jwttest.NewIssuer(""), jwttest.NewProver("ES256")
	address := freeAddress(t)
	e := startNginx(t, address, handlerOf(t, issuer, func(c *core.Config) { c.DPoP.URLs = []string{"http://" + address} }))
	bound := issuer.Token(map[string]any{"cnf": prover.Confirmation()})
	token := "Bearer " + issuer.Token(map[string]any{"sub": "zoë", "client_id": nil, "scope": "read"})
	forged := []string{"X-Auth-Issuer", "me", "X-Auth-Subject", "root", "X-Auth-Client", "root", "X-Auth-Scope", "admin", "X_Auth_Subject", "root"}
	cookie := "session=" + issuer.Token(nil)
	passes := issuer.URL() + " | zo%C3%AB |  | read"
	rows := []struct {
		name, line string
		header     []string
		status     int
		reason     core.Reason
		identity   string // that the service sees; "" is not looked at
	}{
		{"N01 a good token", "GET /orders?a=%2F", []string{"Authorization", token}, 200, "", passes},
		{"N02 a body", "POST /orders", []string{"Authorization", token}, 200, "", passes},
		{"N03 forged fields of identity", "GET /orders", append([]string{"Authorization", token}, forged...), 200, "", passes},
		{"N04 no token", "GET /orders", nil, 401, core.ReasonNoToken, ""},
		{"N05 no token, to write", "POST /orders", nil, 401, core.ReasonNoToken, ""},
		{"N06 forged fields of identity alone", "GET /orders", forged, 401, core.ReasonNoToken, ""},
		{"N07 a token that is none", "GET /orders", []string{"Authorization", "Bearer x"}, 401, core.ReasonMalformedToken, ""},
		{"N08 two tokens", "GET /orders", []string{"Authorization", token, "Cookie", cookie}, 400, core.ReasonMultipleTokens, ""},
		{"N09 a cookie of another's page", "POST /orders", []string{"Cookie", cookie, "Origin", evilOrigin}, 403, core.ReasonCrossOrigin, ""},
		{"N10 a cookie of this origin", "POST /orders", []string{"Cookie", cookie, "Origin", e.url}, 200, "", ""},
		{"N11 a cookie of another's page, as GET by the client's word", "POST /orders",
			[]string{"Cookie", cookie, "Origin", evilOrigin, "X-Original-Method", "GET", "X-HTTP-Method-Override", "GET"}, 403, core.ReasonCrossOrigin, ""},
		{"N12 a cookie of another's page, at another host by the client's word", "POST /orders",
			[]string{"Cookie", cookie, "Origin", evilOrigin, "X-Original-URL", "https://evil.example/orders"}, 403, core.ReasonCrossOrigin, ""},
		{"N13 a WebSocket of another's page", "GET /socket", []string{"Cookie", cookie, "Origin", evilOrigin,
			"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13"}, 403, core.ReasonCrossOrigin, ""},
		{"N14 fields of the other way", "GET /orders", []string{"Authorization", token, "X-Forwarded-Method", "GET",
			"X-Forwarded-Proto", "https", "X-Forwarded-Host", "a", "X-Forwarded-Uri", "/"}, 200, "", passes},
		{"N15 a proof", "PATCH /a%2Fb?q", []string{"DPoP", "PATCH /a%2Fb"}, 200, "", ""},
		{"N16 a proof for another method", "PATCH /a", []string{"DPoP", "GET /a"}, 401, core.ReasonInvalidProof, ""},
		{"N17 a proof for another path", "GET /a", []string{"DPoP", "GET /b"}, 401, core.ReasonInvalidProof, ""},
		{"N18 that, and the client's word", "GET /a", []string{"DPoP", "GET /b", "X-Original-URL", e.url + "/b"}, 401, core.ReasonInvalidProof, ""},
		{"N19 HEAD", "HEAD /orders", nil, 401, "", ""},
		{"N20 a fragment, which no client sends", "GET /a#b", []string{"Authorization", token}, 400, core.ReasonMalformedRequest, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			method, target, _ := strings.Cut(row.line, " ")
			header := headerOf(row.header, func(method, path string) (string, string) {
				return bound, prover.Proof(method, e.url+path, bound, nil)
			})
			got, body := e.send(t, method, target, header)
			expectFromEdge(t, got, body, row.status, row.reason)
			served := e.served()
			if (served != nil) != (row.status == 200) {
				t.Fatalf("got status %d, and the service was reached: %t", got.StatusCode, served != nil)
			}
			if served != nil {
				expectAtService(t, served, row.line+" "+address, row.identity)
			}
		})
	}
}

// expectAtService wants the service to see the client's request, and who it is from by forwardauth alone.
func expectAtService(t *testing.T, served *http.Request, line, who string) {
	t.Helper()
	if got := served.Method + " " + served.RequestURI + " " + served.Host; got != line {
		t.Errorf("the service got %q, want %q", got, line)
	}
	if who != "" && identity(served.Header) != who || len(served.Header.Values("X_Auth_Subject")) > 0 {
		t.Errorf("the service got identity %q, want %q", identity(served.Header), who)
	}
}

// headerOf reads names and values by turns. The value of DPoP says what the proof is for.
func headerOf(list []string, prove func(method, path string) (token, proof string)) http.Header {
	header := http.Header{}
	for i := 0; i < len(list); i += 2 {
		name, value := http.CanonicalHeaderKey(list[i]), list[i+1]
		if name == "Dpop" {
			method, path, _ := strings.Cut(value, " ")
			token, proof := prove(method, path)
			header.Set("Authorization", "DPoP "+token)
			value = proof
		}
		header[name] = []string{value}
	}
	return header
}

// send sends a request with target as it is.
func (e *edge) send(t *testing.T, method, target string, header http.Header) (*http.Response, string) {
	t.Helper()
	var payload io.Reader
	if method == "POST" {
		payload = strings.NewReader(`{"item":1}`)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, e.url, payload)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Opaque = target
	r.Header = header
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// expectFromEdge wants a client of nginx to see what a client of an adapter sees.
func expectFromEdge(t *testing.T, got *http.Response, body string, status int, reason core.Reason) {
	t.Helper()
	if got.StatusCode != status {
		t.Fatalf("got %d with %q, want %d", got.StatusCode, body, status)
	}
	if status == 200 {
		if body != "served" {
			t.Errorf("got body %q, want the service's", body)
		}
		return
	}
	if got.Request.Method != "HEAD" {
		if found := reasonOf(t, got, body); found != string(reason) {
			t.Errorf("got reason %q, want %q", found, reason)
		}
	}
	challenges := 0
	if status == 401 || reason == core.ReasonMultipleTokens {
		challenges = 1
	}
	if lines := got.Header.Values("WWW-Authenticate"); len(lines) != challenges {
		t.Errorf("got challenges %q with %d, want %d lines", lines, status, challenges)
	}
	if lines := got.Header.Values("Cache-Control"); len(lines) != 1 || lines[0] != "no-store" {
		t.Errorf("got Cache-Control %q, want no-store", lines)
	}
}
