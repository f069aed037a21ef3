package frameworks

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/netip"

	"connectrpc.com/connect"

	"github.com/jwtmw/jwtmw/core"
)

// Connect guards the handlers that are made with it, for the protocols of
// Connect, gRPC and gRPC-Web alike: connect.WithInterceptors(Connect(g)). A
// handler reads the claims with core.FromContext, asks for more with
// core.Require, and returns that error as it is.
//
// Connect reads a unary message before it asks interceptors. Bound what a
// stranger can send with connect.WithReadMaxBytes.
//
// Connect panics on a bad Guard, at start-up.
func Connect(g core.Guard) connect.Interceptor { return connectGuard{g.MustValidate()} }

type connectGuard struct{ core.Guard }

func (g connectGuard) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		if request.Spec().IsClient {
			return next(ctx, request)
		}
		ctx, err := g.Check(ctx, connectRequest{request.HTTPMethod(), request.Spec(), request.Peer(), request.Header()})
		if err != nil {
			return nil, connectError(err)
		}
		response, err := next(ctx, request)
		if err == nil {
			core.SetHeaders(ctx, response.Header().Set)
		}
		return response, connectError(err)
	}
}

func (g connectGuard) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		ctx, err := g.Check(ctx, connectRequest{http.MethodPost, conn.Spec(), conn.Peer(), conn.RequestHeader()})
		if err != nil {
			return connectError(err)
		}
		core.SetHeaders(ctx, conn.ResponseHeader().Set)
		return connectError(next(ctx, conn))
	}
}

func (connectGuard) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// connectRequest is a call as a guard sees it. Connect puts the host that the
// client asked for back among the header fields.
//
// An interceptor does not see the request itself. The path is the procedure's,
// without a prefix under which the handler is mounted, and there is no state of
// TLS: a token that is bound to a client's certificate is refused. Where that
// matters, guard the handler with the adapter of net/http instead.
type connectRequest struct {
	method string
	spec   connect.Spec
	peer   connect.Peer
	header http.Header
}

func (r connectRequest) Method() string              { return r.method }
func (r connectRequest) Host() string                { return r.header.Get("Host") }
func (r connectRequest) Path() string                { return r.spec.Procedure }
func (connectRequest) Query() string                 { return "" }
func (connectRequest) TLS() *tls.ConnectionState     { return nil }
func (r connectRequest) Header(name string) []string { return r.header.Values(name) }

func (r connectRequest) RemoteAddr() netip.AddrPort {
	parsed, _ := netip.ParseAddrPort(r.peer.Addr) // a Unix socket has none
	return parsed
}

// connectError translates a refusal, by the guard or by the handler's own
// core.Require, and leaves every other error alone.
func connectError(err error) error {
	if _, refused := errors.AsType[*core.Refusal](err); !refused {
		return err
	}
	refusal := core.RefusalOf(err) // of status 500 where a method returned a nil one
	translated := connect.NewError(connectCode(refusal.Status), refusal)
	refusal.SetHeaders(translated.Meta().Set)
	return translated
}

func connectCode(status int) connect.Code {
	switch status {
	case http.StatusBadRequest:
		return connect.CodeInvalidArgument
	case http.StatusUnauthorized:
		return connect.CodeUnauthenticated
	case http.StatusForbidden:
		return connect.CodePermissionDenied
	case http.StatusServiceUnavailable:
		return connect.CodeUnavailable
	}
	return connect.CodeInternal
}
