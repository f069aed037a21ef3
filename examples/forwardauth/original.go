package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// The two ways in which proxies describe the client's request. A proxy writes its own
// fields over the client's and hands the client's other fields on. So the fields of the
// other way come from the client, and which of the two counts is for nobody to guess.
var (
	byNginx   = []string{"X-Original-Method", "X-Original-URL"}
	byForward = []string{"X-Forwarded-Method", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Uri"} // Traefik and Caddy
)

// original is the client's request, as the proxy describes it: a core.Request.
type original struct {
	asked  *http.Request // the proxy's question, with the client's headers
	method string
	host   string
	target string // path and query as on the client's wire
}

func (o original) Method() string { return o.method }
func (o original) Host() string   { return o.host }
func (o original) Path() string   { return core.RequestPath(o.target) }

func (o original) Query() string {
	_, query, _ := strings.Cut(o.target, "?")
	return query
}

// Header returns the client's fields. Upgrade goes from hop to hop and no proxy hands
// it on, but with a cookie it decides whether the origin counts: without it, another
// site's page could open a WebSocket. What browsers send beside it does arrive.
func (o original) Header(name string) []string {
	values := o.asked.Header.Values(name)
	if len(values) == 0 && strings.EqualFold(name, "Upgrade") &&
		len(o.asked.Header.Values("Sec-WebSocket-Key"))+len(o.asked.Header.Values("Sec-WebSocket-Version")) > 0 {
		return []string{"websocket"}
	}
	return values
}

// TLS is nil: a certificate on this connection would be the proxy's.
func (o original) TLS() *tls.ConnectionState { return nil }

func (o original) RemoteAddr() netip.AddrPort { return core.HTTPRequest(o.asked).RemoteAddr() }

// originalOf reads the description. A field that is absent, sent twice or malformed
// is an error, and so are fields of both ways.
func originalOf(asked *http.Request) (original, error) {
	nginx, forward := anyOf(asked, byNginx), anyOf(asked, byForward)
	switch {
	case nginx && forward:
		return original{}, errors.New("got fields of X-Original-* and of X-Forwarded-*: the proxy must remove those that it does not set")
	case !nginx && !forward:
		return original{}, fmt.Errorf("got none of %v and %v: the proxy must set them", byNginx, byForward)
	case nginx:
		return describe(asked, byNginx, func(values []string) (method, scheme, host, target string) {
			scheme, rest, _ := strings.Cut(values[1], "://")
			if slash := strings.IndexByte(rest, '/'); slash >= 0 {
				host, target = rest[:slash], rest[slash:]
			}
			return values[0], scheme, host, target
		})
	}
	return describe(asked, byForward, func(values []string) (method, scheme, host, target string) {
		return values[0], values[1], values[2], values[3]
	})
}

func anyOf(asked *http.Request, names []string) bool {
	for _, name := range names {
		if len(asked.Header.Values(name)) > 0 {
			return true
		}
	}
	return false
}

// describe reads one value of each name, and has parts take them apart.
func describe(asked *http.Request, names []string, parts func([]string) (method, scheme, host, target string)) (original, error) {
	values := make([]string, len(names))
	for i, name := range names {
		lines := asked.Header.Values(name)
		if len(lines) != 1 {
			return original{}, fmt.Errorf("got %d lines of %s, want one", len(lines), name)
		}
		values[i] = lines[0]
	}
	method, scheme, host, target := parts(values)
	switch {
	case method == "" || strings.ContainsFunc(method, notInToken):
		return original{}, fmt.Errorf("got method %q, want one of RFC 9110 section 9.1", cut(method))
	case scheme != "https" && scheme != "http" && scheme != "wss" && scheme != "ws": // as Traefik names a WebSocket's
		return original{}, fmt.Errorf("got scheme %q, want https or http", cut(scheme))
	case !isHost(host):
		return original{}, fmt.Errorf("got host %q, want a name or an address, with or without a port", cut(host))
	case !isTarget(target):
		return original{}, fmt.Errorf("got request target %q, want a path that begins with a slash (RFC 9112 section 3.2.1)", cut(target))
	}
	return original{asked, method, host, target}, nil
}

// isHost takes no user information, no list and no escapes: a browser's Origin has
// none of them, and the two are compared.
func isHost(host string) bool {
	strange := func(r rune) bool { return !alphanumeric(r) && !strings.ContainsRune("-._:[]", r) }
	if host == "" || strings.ContainsFunc(host, strange) {
		return false
	}
	u, err := url.Parse("http://" + host + "/")
	return err == nil && u.Host == host && u.Hostname() != ""
}

// isTarget leaves escapes and dot segments to core, which reads the path as it is. A
// fragment has no place in a request, and proxies differ in what they make of one.
func isTarget(target string) bool {
	strange := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '#' }
	return strings.HasPrefix(target, "/") && !strings.ContainsFunc(target, strange)
}

func notInToken(r rune) bool { return !alphanumeric(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) }

func alphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// cut keeps foreign input in a log short.
func cut(s string) string { return s[:min(len(s), 64)] }
