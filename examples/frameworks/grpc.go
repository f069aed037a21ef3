package frameworks

import (
	"context"
	"errors"
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/jwtmw/jwtmw/core"
)

// GRPC guards every call of a gRPC server: grpc.NewServer(GRPC(g)...). A method
// reads the claims with core.FromContext, asks for more with core.Require, and
// returns that error as it is.
//
// A stream is judged once, when it begins; one that outlives its token goes on.
// gRPC reads a unary message before it asks interceptors: bound what a stranger
// can send with grpc.MaxRecvMsgSize.
func GRPC(g core.Guard) []grpc.ServerOption {
	unary := func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		checked, err := g.Check(ctx, grpcRequestOf(ctx))
		if err != nil {
			return nil, grpcError(ctx, err)
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
type grpcRequest struct{ metadata.MD }

func grpcRequestOf(ctx context.Context) core.Request {
	md, _ := metadata.FromIncomingContext(ctx)
	return grpcRequest{md}
}

func (grpcRequest) Method() string                { return http.MethodPost }
func (grpcRequest) Query() string                 { return "" }
func (r grpcRequest) Header(name string) []string { return r.Get(name) }

func (r grpcRequest) Host() string {
	if authority := r.Get(":authority"); len(authority) == 1 {
		return authority[0]
	}
	return ""
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
	refusal.SetHeaders(trailer.Set)
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
