package jwtmw

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/netip"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/jwtmw/jwtmw/core"
)

// request is a call as a core.Guard sees it: always a POST, without a query.
type request struct {
	md   metadata.MD
	path string
	peer peer.Peer
}

func requestOf(ctx context.Context) core.Request {
	var r request
	r.md, _ = metadata.FromIncomingContext(ctx) // a copy
	r.path, _ = grpc.Method(ctx)                // ":path" as it was sent
	if p, ok := peer.FromContext(ctx); ok {
		r.peer = *p
	}
	return r
}

func (request) Method() string { return http.MethodPost }
func (r request) Path() string { return r.path }
func (request) Query() string  { return "" }

// Host is the pseudo-header of HTTP/2, into which gRPC puts a Host header as well.
func (r request) Host() string {
	if authority := r.md.Get(":authority"); len(authority) == 1 {
		return authority[0]
	}
	return ""
}

// Header returns no binary metadata, which gRPC has decoded from base64: its
// octets are no field line.
func (r request) Header(name string) []string {
	if strings.HasSuffix(strings.ToLower(name), "-bin") {
		return nil
	}
	return r.md.Get(name)
}

// TLS is nil under credentials that are not gRPC's own, such as ALTS.
func (r request) TLS() *tls.ConnectionState {
	if info, ok := r.peer.AuthInfo.(credentials.TLSInfo); ok {
		return &info.State
	}
	return nil
}

// RemoteAddr is not what a proxy says in "x-forwarded-for".
func (r request) RemoteAddr() netip.AddrPort {
	if r.peer.Addr == nil {
		return netip.AddrPort{}
	}
	addr, _ := netip.ParseAddrPort(r.peer.Addr.String()) // a Unix socket has none
	return addr
}
