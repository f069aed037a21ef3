package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

const nginx, forward = "nginx", "traefik" // of proxies

func set(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
func add(name, value string) func(http.Header) { return func(h http.Header) { h.Add(name, value) } }
func del(name string) func(http.Header)        { return func(h http.Header) { h.Del(name) } }

// descriptions are what a proxy sends, spoiled.
var descriptions = []struct {
	name, proxy string
	spoil       func(http.Header)
	status      int
}{
	{"F30 nginx's, as it is", nginx, func(http.Header) {}, 200},
	{"F31 Traefik's, as it is", forward, func(http.Header) {}, 200},
	{"F32 none at all", nginx, func(h http.Header) { h.Del("X-Original-Method"); h.Del("X-Original-URL") }, 400},
	{"F33 the client adds X-Original-URL through Traefik", forward, set("X-Original-URL", "https://api.example.com/public"), 400},
	{"F34 the client adds X-Original-Method through Traefik", forward, set("X-Original-Method", "GET"), 400},
	{"F35 the client adds X-Forwarded-Uri through nginx", nginx, set("X-Forwarded-Uri", "/public"), 400},
	{"F36 the client adds X-Forwarded-Method through nginx", nginx, set("X-Forwarded-Method", "GET"), 400},
	{"F37 an empty field of the other way counts", nginx, set("X-Forwarded-Proto", ""), 400},
	{"F38 the method alone", nginx, del("X-Original-URL"), 400},
	{"F39 the URL alone", nginx, del("X-Original-Method"), 400},
	{"F40 no X-Forwarded-Method", forward, del("X-Forwarded-Method"), 400},
	{"F41 no X-Forwarded-Proto", forward, del("X-Forwarded-Proto"), 400},
	{"F42 no X-Forwarded-Host", forward, del("X-Forwarded-Host"), 400},
	{"F43 no X-Forwarded-Uri", forward, del("X-Forwarded-Uri"), 400},
	{"F44 the method twice", nginx, add("X-Original-Method", "GET"), 400},
	{"F45 the URL twice", nginx, add("X-Original-URL", "https://api.example.com/"), 400},
	{"F46 the host twice", forward, add("X-Forwarded-Host", "api.example.com"), 400},
	{"F47 the target twice", forward, add("X-Forwarded-Uri", "/"), 400},
	{"F48 a list of hosts", forward, set("X-Forwarded-Host", "api.example.com, evil.example"), 400},
	{"F49 a list of schemes", forward, set("X-Forwarded-Proto", "https,http"), 400},
	{"F50 an empty method", nginx, set("X-Original-Method", ""), 400},
	{"F51 two words as a method", nginx, set("X-Original-Method", "GET /"), 400},
	{"F52 a method with NUL", nginx, set("X-Original-Method", "GET\x00"), 400},
	{"F53 a relative URL", nginx, set("X-Original-URL", "/orders"), 400},
	{"F54 a URL without a scheme", nginx, set("X-Original-URL", "//api.example.com/orders"), 400},
	{"F55 a URL of another scheme", nginx, set("X-Original-URL", "ftp://api.example.com/"), 400},
	{"F56 a URL without a path", nginx, set("X-Original-URL", "https://api.example.com"), 400},
	{"F57 a URL without a host", nginx, set("X-Original-URL", "https:///orders"), 400},
	{"F58 a URL with a query before the path", nginx, set("X-Original-URL", "https://api.example.com?x=/orders"), 400},
	{"F59 user information", nginx, set("X-Original-URL", "https://api.example.com@evil.example/"), 400},
	{"F60 NUL in the URL", nginx, set("X-Original-URL", "https://api.example.com/\x00"), 400},
	{"F61 LF in the URL", nginx, set("X-Original-URL", "https://api.example.com/\nX-Auth-Subject:root"), 400},
	{"F62 a blank in the target", forward, set("X-Forwarded-Uri", "/a b"), 400},
	{"F63 a fragment in the target", forward, set("X-Forwarded-Uri", "/a#b"), 400},
	{"F64 a whole URL as the target", forward, set("X-Forwarded-Uri", "https://evil.example/"), 400},
	{"F65 an asterisk as the target", forward, set("X-Forwarded-Uri", "*"), 400},
	{"F66 an empty target", forward, set("X-Forwarded-Uri", ""), 400},
	{"F67 a host with a path", forward, set("X-Forwarded-Host", "api.example.com/a"), 400},
	{"F68 a host with a port that is none", forward, set("X-Forwarded-Host", "api.example.com:http"), 400},
	{"F69 a port alone", forward, set("X-Forwarded-Host", ":443"), 400},
	{"F70 an escaped host", forward, set("X-Forwarded-Host", "api%2Eexample.com"), 400},
	{"F71 a host beyond ASCII", forward, set("X-Forwarded-Host", "apı.example.com"), 400},
	{"F72 an address with a port", forward, set("X-Forwarded-Host", "[2001:db8::1]:8443"), 200},
	{"F73 half an address", forward, set("X-Forwarded-Host", "[2001:db8::1"), 400},
	{"F74 a WebSocket as Traefik behind a proxy names it", forward, set("X-Forwarded-Proto", "wss"), 200},
	{"F75 two slashes begin the path", nginx, set("X-Original-URL", "https://api.example.com//evil.example/"), 200},
	{"F76 octets beyond ASCII in the path, which nginx lets pass", nginx, set("X-Original-URL", "https://api.example.com/\xe9\xff"), 200},
}

// TestDescriptions sends a good token with what no proxy that is well configured says of a request.
func TestDescriptions(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	handler := handlerOf(t, issuer)
	for _, row := range descriptions {
		t.Run(row.name, func(t *testing.T) {
			h := http.Header{"Authorization": {"Bearer " + issuer.Token(nil)}}
			proxies[row.proxy](h, "GET", "https", apiHost, "/orders")
			row.spoil(h)
			reason := core.Reason("")
			if row.status != 200 {
				reason = core.ReasonMalformedRequest
			}
			expect(t, ask(handler, question(h)), row.status, reason)
		})
	}
}

// TestOriginal reads the parts that a Guard asks for.
func TestOriginal(t *testing.T) {
	for proxy, describe := range proxies {
		t.Run(proxy, func(t *testing.T) {
			h := http.Header{"Via": {"1.1 a", "1.1 b"}}
			describe(h, "PATCH", "https", "api.example.com:8443", "/a%2Fb/?x=1&y=/?z")
			got, err := originalOf(question(h))
			if err != nil {
				t.Fatal(err)
			}
			parts := []string{got.Method(), got.Host(), got.Path(), got.Query(),
				strings.Join(got.Header("via"), ","), got.RemoteAddr().String(), strings.Join(got.Header("Upgrade"), "")}
			want := []string{"PATCH", "api.example.com:8443", "/a%2Fb/", "x=1&y=/?z", "1.1 a,1.1 b", "192.0.2.1:1234", ""}
			if strings.Join(parts, "\n") != strings.Join(want, "\n") || got.TLS() != nil {
				t.Errorf("got %q and TLS %v, want %q and none", parts, got.TLS(), want)
			}
		})
	}
}

// TestLogSaysWhy wants the operator told what the client is not, in one line that foreign input cannot break or swell.
func TestLogSaysWhy(t *testing.T) {
	var out bytes.Buffer
	guard := core.MustGuard(jwttest.NewIssuer("").Config())
	handler := answer(guard, slog.New(slog.NewTextHandler(&out, nil)))
	h := http.Header{}
	forwarded(h, "GET", "https", "evil\nhost"+strings.Repeat("x", 1000), "/")
	ask(handler, question(h))
	if got := out.String(); !strings.Contains(got, "want a name or an address") || strings.Count(got, "\n") != 1 || len(got) > 400 {
		t.Errorf("got log %q, want one short line that names the host", got)
	}
}

func FuzzOriginal(f *testing.F) {
	f.Add("GET", "https://api.example.com/orders?x=1", "", "", "")
	f.Add("", "", "GET", "api.example.com", "/")
	f.Add("GET", "https://[::1]:80/%", "", "", "")
	f.Add("GET", "http://a:/\xff", "", "a", "")
	f.Fuzz(func(t *testing.T, method, url, forwardedMethod, host, target string) {
		h := http.Header{}
		for name, value := range map[string]string{"X-Original-Method": method, "X-Original-URL": url,
			"X-Forwarded-Method": forwardedMethod, "X-Forwarded-Host": host, "X-Forwarded-Uri": target} {
			if value != "" {
				h.Set(name, value)
			}
		}
		if forwardedMethod != "" {
			h.Set("X-Forwarded-Proto", "https")
		}
		got, err := originalOf(question(h))
		if err != nil {
			return
		}
		if anyOf(question(h), byNginx) == anyOf(question(h), byForward) {
			t.Errorf("got a request from fields of both ways or of none: %v", h)
		}
		whole := got.Path()
		if strings.Contains(got.target, "?") {
			whole += "?" + got.Query()
		}
		if got.Method() == "" || got.Host() == "" || !strings.HasPrefix(got.Path(), "/") || whole != got.target {
			t.Errorf("got %q %q %q %q, want the parts of one request", got.Method(), got.Host(), got.Path(), got.Query())
		}
		if sent := url; forwardedMethod == "" && !strings.HasSuffix(sent, "://"+got.Host()+got.target) {
			t.Errorf("got %q and %q, want the parts of %q", got.Host(), got.target, sent)
		}
	})
}
