package main

import (
	"context"
	"errors"
	"net"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp/grpc"
)

// subjectKey is where the answer of a call has the subject of its token.
const subjectKey = "subject"

func serveGRPC(l net.Listener, g core.Guard) func() {
	say := grpc.ChainUnaryInterceptor(func(ctx context.Context, message any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		claims, ok := jwtmw.FromContext(ctx)
		if !ok {
			return nil, errors.New("a call without claims passed")
		}
		if err := grpc.SetHeader(ctx, metadata.Pairs(subjectKey, claims.Subject)); err != nil {
			return nil, err
		}
		return next(ctx, message)
	})
	server := grpc.NewServer(append(jwtmw.Guard(g), say)...)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	go func() { _ = server.Serve(l) }() // returns when the server is stopped
	return server.Stop
}

// rpcClient calls the health service, which every gRPC server has.
type rpcClient struct {
	conn *grpc.ClientConn
	grpc_health_v1.HealthClient
}

func newRPCClient(addr string) (client, error) {
	conn, err := grpc.NewClient("passthrough:"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	return &rpcClient{conn, grpc_health_v1.NewHealthClient(conn)}, nil
}

func (*rpcClient) target() (method, url string) {
	return "POST", publicURL + grpc_health_v1.Health_Check_FullMethodName
}

// statuses are those of HTTP that the adapter's codes stand for.
var statuses = map[codes.Code]int{
	codes.OK: 200, codes.InvalidArgument: 400, codes.Unauthenticated: 401, codes.PermissionDenied: 403, codes.Unavailable: 503, codes.Internal: 500,
}

func (c *rpcClient) send(ctx context.Context, r request) answer {
	md := metadata.MD{}
	for _, field := range r.fields {
		md.Append(field.name, field.value)
	}
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(ctx, md), patience)
	defer cancel()
	var header, trailer metadata.MD
	a := answer{sent: time.Now()}
	_, err := c.Check(ctx, &grpc_health_v1.HealthCheckRequest{}, grpc.Header(&header), grpc.Trailer(&trailer))
	a.done = time.Now()
	refusal := status.Convert(err)
	for _, detail := range refusal.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.Domain == "jwtmw" {
			a.reason = info.Reason
		}
	}
	// A code without a reason is gRPC's own: the connection, or the deadline.
	if a.status = statuses[refusal.Code()]; a.status == 0 || err != nil && a.reason == "" {
		a.err = err
	}
	if values := header.Get(subjectKey); len(values) == 1 {
		a.subject = values[0]
	}
	a.challenge = len(trailer.Get("www-authenticate")) > 0
	return a
}

func (c *rpcClient) rest() {}

func (c *rpcClient) close() { _ = c.conn.Close() }
