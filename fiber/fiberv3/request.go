package jwtmw

import (
	"bytes"
	"crypto/tls"
	"iter"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/jwtmw/jwtmw/core"
)

// request is a fiber request as a core.Guard sees it. fasthttp reuses the
// memory of a request for the next one, so every string is a copy.
type request struct{ c fiber.Ctx }

func (r request) Method() string { return strings.Clone(r.c.Method()) }

// Host is the host of an absolute request target, or else the Host header (RFC
// 9112 section 3.2.2). Forwarded headers are not asked: anyone can send them.
// fasthttp's own URI takes the host of "//evil.test/?://" from the path.
func (r request) Host() string {
	if strings.HasPrefix(r.target(), "/") {
		return string(r.c.Request().Header.Host())
	}
	return string(r.c.Request().URI().Host())
}

func (r request) Path() string { return core.RequestPath(r.target()) }

func (r request) Query() string {
	_, query, _ := strings.Cut(r.target(), "?")
	return query
}

// target is the request target as it stood on the wire.
func (r request) target() string { return string(r.c.Request().Header.RequestURI()) }

func (r request) TLS() *tls.ConnectionState { return r.c.RequestCtx().TLSConnectionState() }

// RemoteAddr is not c.IP(), which believes fiber.Config.ProxyHeader.
func (r request) RemoteAddr() netip.AddrPort {
	addr, _ := netip.ParseAddrPort(r.c.RequestCtx().RemoteAddr().String()) // a Unix socket has none
	if addr.Addr().IsUnspecified() {
		return netip.AddrPort{} // fasthttp's word for no connection
	}
	return addr
}

// Header returns the lines of the head as net/http would, or what middleware
// before the guard made of them. fasthttp counts a trailer as a part of the head
// and rewrites cookies, so both are looked up in the head as it was sent.
func (r request) Header(name string) []string {
	header := &r.c.Request().Header
	lines, late := linesOf(header.All(), name), len(linesOf(header.AllInOrder(), "Transfer-Encoding")) > 0
	if late || strings.EqualFold(name, "Cookie") {
		sent := linesOf(header.AllInOrder(), name) // none where fiber's adaptor made the request
		// fasthttp has all cookies on one line, and on none if it finds each malformed.
		if late || strings.Join(lines, "; ") == asCookies(sent) {
			lines = sent
		}
	}
	for i, line := range lines {
		lines[i] = strings.Trim(line, " \t")
	}
	return lines
}

// linesOf looks at all lines, because fasthttp finds a name in any case only if
// fiber.Config.DisableHeaderNormalizing is not set. A name of equal length
// cannot hold one of the letters outside ASCII that fold into it.
func linesOf(header iter.Seq2[[]byte, []byte], name string) (lines []string) {
	for key, value := range header {
		if len(key) == len(name) && bytes.EqualFold(key, []byte(name)) {
			lines = append(lines, string(value))
		}
	}
	return lines
}

// asCookies is how fasthttp writes the cookies of these lines down.
func asCookies(lines []string) string {
	var header fasthttp.RequestHeader
	for _, line := range lines {
		header.Add("Cookie", line)
	}
	return string(header.Peek("Cookie"))
}
