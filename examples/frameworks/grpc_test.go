package frameworks

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/jwtmw/jwtmw/core"
)

func startGRPC(t *testing.T, g core.Guard) service {
	client := healthClient(t, g)
	return service{
		scoped: func(tokens ...string) answer {
			var header, trailer metadata.MD
			_, err := client.Check(bearing(t, tokens), &grpc_health_v1.HealthCheckRequest{}, grpc.Header(&header), grpc.Trailer(&trailer))
			return grpcAnswer(t, err, header, trailer)
		},
		any: func(tokens ...string) answer {
			var header, trailer metadata.MD
			_, err := client.List(bearing(t, tokens), &grpc_health_v1.HealthListRequest{}, grpc.Header(&header), grpc.Trailer(&trailer))
			return grpcAnswer(t, err, header, trailer)
		},
	}
}

func startGRPCStream(t *testing.T, g core.Guard) service {
	client := healthClient(t, g)
	return service{scoped: func(tokens ...string) answer {
		stream, err := client.Watch(bearing(t, tokens), &grpc_health_v1.HealthCheckRequest{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = stream.Recv()
		header, _ := stream.Header()
		if err == nil {
			return grpcAnswer(t, nil, header, nil)
		}
		return grpcAnswer(t, err, header, stream.Trailer())
	}}
}

// healthClient calls a server on loopback that names the caller in a header
// field, since the health service itself answers all callers alike.
func healthClient(t *testing.T, g core.Guard) grpc_health_v1.HealthClient {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(append(GRPC(g),
		grpc.ChainUnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			if err := grpc.SetHeader(ctx, caller(ctx)); err != nil {
				return nil, err
			}
			return next(ctx, r)
		}),
		grpc.ChainStreamInterceptor(func(server any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			if err := s.SetHeader(caller(s.Context())); err != nil {
				return err
			}
			return next(server, s)
		}))...)
	grpc_health_v1.RegisterHealthServer(server, Health{health.NewServer()})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return grpc_health_v1.NewHealthClient(conn)
}

func caller(ctx context.Context) metadata.MD {
	claims, _ := core.FromContext(ctx)
	return metadata.Pairs("subject", claims.Subject)
}

func bearing(t *testing.T, tokens []string) context.Context {
	ctx := t.Context()
	for _, token := range tokens {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	}
	return ctx
}

func grpcAnswer(t *testing.T, err error, header, trailer metadata.MD) answer {
	t.Helper()
	got := answer{
		status:     statusOf(t, status.Code(err)),
		challenge:  strings.Join(trailer.Get("www-authenticate"), "|"),
		retryAfter: len(trailer.Get("retry-after")) == 1,
	}
	if err == nil {
		got.subject = strings.Join(header.Get("subject"), "|")
	}
	return got
}

// statusOf is a code as HTTP counts.
func statusOf(t *testing.T, code codes.Code) int {
	t.Helper()
	statuses := map[codes.Code]int{
		codes.OK:               http.StatusOK,
		codes.InvalidArgument:  http.StatusBadRequest,
		codes.Unauthenticated:  http.StatusUnauthorized,
		codes.PermissionDenied: http.StatusForbidden,
		codes.Internal:         http.StatusInternalServerError,
		codes.Unavailable:      http.StatusServiceUnavailable,
	}
	known, ok := statuses[code]
	if !ok {
		t.Errorf("got code %v, want one that stands for a refusal", code)
	}
	return known
}
