package playground

import (
	"net/http"
	"strings"
	"testing"
)

// TestStrangers sends what other pages of the same browser could.
func TestStrangers(t *testing.T) {
	b := newBench(t)
	const rotate = `{"action":"rotate"}`
	for _, test := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"the page itself", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }, http.StatusOK},
		{"no browser", func(*http.Request) {}, http.StatusOK},
		{"by name", func(r *http.Request) { r.Host = "LOCALHOST:4000" }, http.StatusOK},
		{"IPv6", func(r *http.Request) { r.Host = "[::1]:4000" }, http.StatusOK},
		{"IPv6 without a port", func(r *http.Request) { r.Host = "[::1]" }, http.StatusOK},
		{"another site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		{"another port", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, http.StatusForbidden},
		{"another origin, old browser", func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:5000") }, http.StatusForbidden},
		{"rebound name", func(r *http.Request) { r.Host = "evil.test:4000" }, http.StatusMisdirectedRequest},
		{"rebound name that begins well", func(r *http.Request) { r.Host = "127.0.0.1.evil.test" }, http.StatusMisdirectedRequest},
		{"address of the network", func(r *http.Request) { r.Host = "192.168.0.2:4000" }, http.StatusMisdirectedRequest},
		{"no host", func(r *http.Request) { r.Host = "" }, http.StatusMisdirectedRequest},
		{"form", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, http.StatusBadRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := b.issuer.KeyID("RS256")
			r := request("POST", "/api/issuer", rotate)
			test.change(r)
			if got := b.do(r).Code; got != test.want {
				t.Errorf("got status %d, want %d", got, test.want)
			}
			if rotated := b.issuer.KeyID("RS256") != before; rotated != (test.want == http.StatusOK) {
				t.Errorf("got rotated %t at status %d", rotated, test.want)
			}
		})
	}
	t.Run("rebound name reads nothing", func(t *testing.T) {
		r := request("GET", "/api/state", "")
		r.Host = "evil.test"
		if w := b.do(r); w.Code != http.StatusMisdirectedRequest || strings.Contains(w.Body.String(), "keys") {
			t.Errorf("got status %d and %q, want 421 and nothing", w.Code, w.Body)
		}
	})
}

func TestMistakes(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		name, path, body string
		status           int
		want             string
	}{
		{"no JSON", "/api/mint", "{", 400, "read the request"},
		{"unknown member", "/api/mint", `{"alg":"RS256"}`, 400, "unknown field"},
		{"two values", "/api/mint", `{"algorithm":"RS256"} {}`, 400, "more than one"},
		{"unknown algorithm", "/api/mint", `{"algorithm":"RS1"}`, 400, `got algorithm "RS1"`},
		{"long life", "/api/mint", `{"algorithm":"RS256","lifetime":40000000}`, 400, "at most a year"},
		{"unknown attack", "/api/attack", `{"name":"nuke"}`, 400, `got attack "nuke"`},
		{"unknown action", "/api/issuer", `{"action":"nuke"}`, 400, `got action "nuke"`},
		{"other path", "/api/send", `{"path":"//evil.test/"}`, 400, `want / or /orders`},
		{"too large", "/api/send", `{"path":"` + strings.Repeat("x", maxBody) + `"}`, 413, "too large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got struct{ Error string }
			if status := b.ask("POST", test.path, test.body, &got); status != test.status || !strings.Contains(got.Error, test.want) {
				t.Errorf("got status %d and %q, want %d and %q in it", status, got.Error, test.status, test.want)
			}
		})
	}
}
