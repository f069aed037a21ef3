package core

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"strings"
)

// Request is what a Guard sees of an HTTP request. An adapter implements it;
// methods may be added in a minor version. The strings that it returns must
// stay as they are after the request has ended: an adapter of a framework that
// reuses its buffers returns copies.
type Request interface {
	// Method is the HTTP method, such as "GET".
	Method() string
	// Host is the host that the client asked for, with a port if it named one.
	Host() string
	// Path is the path of the request target as it stood on the wire: not
	// decoded, not cleaned, without the query and without the scheme and
	// authority of an absolute target (RFC 9112 section 3.2). It is empty for a
	// request that was not read from a wire, which matches no DPoP proof.
	Path() string
	// Query is the URL's query as it was sent, without the question mark.
	Query() string
	// Header returns every field line of that name, without regard to case.
	Header(name string) []string
	// TLS is the state of the connection, or nil where this process does not
	// end TLS.
	TLS() *tls.ConnectionState
	// RemoteAddr is the peer of the connection, never an address that a header
	// names. It is the zero AddrPort where the connection has none.
	RemoteAddr() netip.AddrPort
}

// HTTPRequest returns r as a Guard sees it, for net/http and the frameworks
// that are built on it.
func HTTPRequest(r *http.Request) Request { return httpRequest{r} }

type httpRequest struct{ r *http.Request }

func (h httpRequest) Method() string              { return h.r.Method }
func (h httpRequest) Host() string                { return h.r.Host }
func (h httpRequest) Path() string                { return RequestPath(h.r.RequestURI) }
func (h httpRequest) Query() string               { return h.r.URL.RawQuery }
func (h httpRequest) Header(name string) []string { return h.r.Header.Values(name) }
func (h httpRequest) TLS() *tls.ConnectionState   { return h.r.TLS }

func (h httpRequest) RemoteAddr() netip.AddrPort {
	addr, _ := netip.ParseAddrPort(h.r.RemoteAddr) // a Unix socket's is "@"
	return addr
}

// RequestPath returns what Request.Path wants of a request target as it stood
// on the wire (RFC 9112 section 3.2). It is for adapters.
func RequestPath(target string) string {
	target, _, _ = strings.Cut(target, "?")
	if strings.HasPrefix(target, "/") {
		return target
	}
	// A colon and two slashes further on in an origin-form path are the path's own.
	_, rest, absolute := strings.Cut(target, "://")
	if !absolute {
		return target // "*" of OPTIONS, or the authority of CONNECT
	}
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		return rest[slash:]
	}
	return ""
}
