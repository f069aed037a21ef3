package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

const (
	apiHost   = "api.example.com"
	apiURL    = "https://" + apiHost
	appOrigin = "https://app.example.com"

	evilOrigin = "https://evil.example"
)

// proxies set the fields of a client's request as each proxy does, in the order method, scheme, host, target.
var proxies = map[string]func(h http.Header, method, scheme, host, target string){
	"nginx": func(h http.Header, method, scheme, host, target string) {
		h.Set("X-Original-Method", method)
		h.Set("X-Original-URL", scheme+"://"+host+target)
	},
	"traefik": func(h http.Header, method, scheme, host, target string) {
		forwarded(h, method, scheme, host, target)
		h.Set("X-Forwarded-Port", "443")
		h.Set("X-Forwarded-Server", "edge")
		h.Set("X-Real-Ip", "192.0.2.1")
	},
	"caddy": forwarded,
}

func forwarded(h http.Header, method, scheme, host, target string) {
	h.Set("X-Forwarded-For", "192.0.2.1")
	h.Set("X-Forwarded-Method", method)
	h.Set("X-Forwarded-Proto", scheme)
	h.Set("X-Forwarded-Host", host)
	h.Set("X-Forwarded-Uri", target)
}

// handlerOf decides with tokens of issuer, in Authorization or the cookie session, bound to a key or not.
func handlerOf(t *testing.T, issuer *jwttest.Issuer, change ...func(*core.Config)) http.Handler {
	t.Helper()
	config := issuer.Config()
	config.DPoP = core.DPoP{URLs: []string{apiURL}}
	config.Logger = slog.New(slog.DiscardHandler)
	for _, f := range change {
		f(&config)
	}
	guard := core.MustGuard(config)
	guard.Tokens = []core.TokenSource{core.FromBearer(), core.FromCookie("session", appOrigin)}
	return answer(guard, slog.New(slog.DiscardHandler))
}

// question is what a proxy asks: GET for a path of its own, with the client's headers.
func question(header http.Header) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:9091/_forwardauth", nil)
	r.Header = header
	return r
}

func ask(handler http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

// reasonOf reads the problem document of a refusal. It is "" for an answer that is none.
func reasonOf(t *testing.T, response *http.Response, body string) string {
	t.Helper()
	if response.StatusCode < 300 {
		if body != "" {
			t.Errorf("got body %q with %d, want none", body, response.StatusCode)
		}
		return ""
	}
	var problem struct {
		Status int
		Reason string
	}
	if err := json.Unmarshal([]byte(body), &problem); err != nil || problem.Status != response.StatusCode {
		t.Errorf("got body %q (%v), want the problem document of %d", body, err, response.StatusCode)
	}
	if got := response.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("got Content-Type %q, want application/problem+json", got)
	}
	return problem.Reason
}

// identity is what an answer says of who passed.
func identity(h http.Header) string {
	var values []string
	for _, name := range []string{"X-Auth-Issuer", "X-Auth-Subject", "X-Auth-Client", "X-Auth-Scope"} {
		values = append(values, strings.Join(h.Values(name), " AND "))
	}
	return strings.Join(values, " | ")
}
