package frameworks

import (
	"context"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/jwtmw/jwtmw/core"
)

// The procedures of Orders. Generated code has such names too.
const (
	OwnerProcedure = "/orders.v1.Orders/Owner" // answers with the caller's subject
	WatchProcedure = "/orders.v1.Orders/Watch" // the same, as a stream of one message
	PingProcedure  = "/orders.v1.Orders/Ping"  // takes any valid token
)

// Orders is a service behind Connect. The scope orders:read is needed for
// Owner and Watch.
func Orders(g core.Guard) http.Handler {
	guarded := connect.WithInterceptors(Connect(g))
	mux := http.NewServeMux()
	mux.Handle(OwnerProcedure, connect.NewUnaryHandler(OwnerProcedure, owner, guarded))
	mux.Handle(WatchProcedure, connect.NewServerStreamHandler(WatchProcedure, watch, guarded))
	mux.Handle(PingProcedure, connect.NewUnaryHandler(PingProcedure, ping, guarded))
	return mux
}

func owner(ctx context.Context, _ *connect.Request[emptypb.Empty]) (*connect.Response[wrapperspb.StringValue], error) {
	if err := core.Require(ctx, core.Scope("orders:read")); err != nil {
		return nil, err
	}
	claims, _ := core.FromContext(ctx)
	return connect.NewResponse(wrapperspb.String(claims.Subject)), nil
}

func watch(ctx context.Context, _ *connect.Request[emptypb.Empty], stream *connect.ServerStream[wrapperspb.StringValue]) error {
	if err := core.Require(ctx, core.Scope("orders:read")); err != nil {
		return err
	}
	claims, _ := core.FromContext(ctx)
	return stream.Send(wrapperspb.String(claims.Subject))
}

func ping(context.Context, *connect.Request[emptypb.Empty]) (*connect.Response[emptypb.Empty], error) {
	return connect.NewResponse(&emptypb.Empty{}), nil
}
