package frameworks

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/jwtmw/jwtmw/core"
)

// GRPC guards every call of a gRPC server: grpc.NewServer(GRPC(g)...). A method
// reads the claims with core.FromContext, asks for more with core.Require, and
// returns that error as it is. GRPC panics on a bad Guard, at start-up.
//
// A stream is judged once, when it begins; one that outlives its token goes on.
// gRPC reads a unary message before it asks interceptors: bound what a stranger
// can send with grpc.MaxRecvMsgSize.
func GRPC(g core.Guard) []grpc.ServerOption {
	g = g.MustValidate()
	unary := func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		checked, err := g.Check(ctx, grpcRequestOf(ctx))
		if err != nil {
			return nil, grpcError(ctx, err)
		}
		core.SetHeaders(checked, func(name, value string) { err = errors.Join(err, grpc.SetHeader(ctx, metadata.Pairs(name, value))) })
		if err != nil {
			return nil, err
		}
		response, err := next(checked, request)
		return response, grpcError(ctx, err)
	}
	stream := func(server any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		ctx := s.Context()
		checked, err := g.Check(ctx, grpcRequestOf(ctx))
		if err != nil {
			return grpcError(ctx, err)
		}
		core.SetHeaders(checked, func(name, value string) { err = errors.Join(err, s.SetHeader(metadata.Pairs(name, value))) })
		if err != nil {
			return err
		}
		return grpcError(ctx, next(server, checkedStream{s, checked}))
	}
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(unary), grpc.ChainStreamInterceptor(stream)}
}

// checkedStream carries the claims to the method.
type checkedStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s checkedStream) Context() context.Context { return s.ctx }

// grpcRequest is a call as a guard sees it: always a POST, without a query.
type grpcRequest struct {
	metadata.MD
	path string
	peer peer.Peer
}

func grpcRequestOf(ctx context.Context) core.Request {
	var r grpcRequest
	r.MD, _ = metadata.FromIncomingContext(ctx)
	r.path, _ = grpc.Method(ctx) // ":path" as it was sent
	if p, ok := peer.FromContext(ctx); ok {
		r.peer = *p
	}
	return r
}

func (grpcRequest) Method() string                { return http.MethodPost }
func (r grpcRequest) Path() string                { return r.path }
func (grpcRequest) Query() string                 { return "" }
func (r grpcRequest) Header(name string) []string { return r.Get(name) }

func (r grpcRequest) Host() string {
	if authority := r.Get(":authority"); len(authority) == 1 {
		return authority[0]
	}
	return ""
}

func (r grpcRequest) TLS() *tls.ConnectionState {
	if info, ok := r.peer.AuthInfo.(credentials.TLSInfo); ok {
		return &info.State
	}
	return nil
}

func (r grpcRequest) RemoteAddr() netip.AddrPort { return addrPort(r.peer.Addr) }

// addrPort is the zero AddrPort for an address outside of a network, such as a
// Unix socket's.
func addrPort(addr net.Addr) netip.AddrPort {
	if addr == nil {
		return netip.AddrPort{}
	}
	parsed, _ := netip.ParseAddrPort(addr.String())
	return parsed
}

// grpcError translates a refusal, by the guard or by the method's own
// core.Require, and leaves every other error alone. The headers that the
// refusal needs, such as WWW-Authenticate, become the call's trailer.
func grpcError(ctx context.Context, err error) error {
	if _, refused := errors.AsType[*core.Refusal](err); !refused {
		return err
	}
	refusal := core.RefusalOf(err) // of status 500 where a method returned a nil one
	trailer := metadata.MD{}
	refusal.SetHeaders(func(name, value string) { trailer.Set(name, value) })
	if err := grpc.SetTrailer(ctx, trailer); err != nil {
		return status.Error(codes.Internal, "the refusal could not be sent")
	}
	return status.Error(grpcCode(refusal.Status), refusal.Error())
}

func grpcCode(status int) codes.Code {
	switch status {
	case http.StatusBadRequest:
		return codes.InvalidArgument
	case http.StatusUnauthorized:
		return codes.Unauthenticated
	case http.StatusForbidden:
		return codes.PermissionDenied
	case http.StatusServiceUnavailable:
		return codes.Unavailable
	}
	return codes.Internal
}
