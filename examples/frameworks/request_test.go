package frameworks

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jwtmw/jwtmw/core"
)

// called is what a guard sees of the connection.
type called struct {
	path, host  string
	tls, onLoop bool
}

func look(r core.Request) called {
	return called{r.Path(), r.Host(), r.TLS() != nil, r.RemoteAddr().Addr().IsLoopback()}
}

func TestGRPCRequest(t *testing.T) {
	certified := httptest.NewTLSServer(nil) // for its certificate
	defer certified.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var got called
	server := grpc.NewServer(
		grpc.Creds(credentials.NewServerTLSFromCert(&certified.TLS.Certificates[0])),
		grpc.UnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			got = look(grpcRequestOf(ctx))
			return next(ctx, r)
		}))
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	go server.Serve(listener)
	defer server.Stop()
	trust := certified.Client().Transport.(*http.Transport).TLSClientConfig
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(credentials.NewTLS(trust)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	if want := (called{"/grpc.health.v1.Health/Check", listener.Addr().String(), true, true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestConnectRequest(t *testing.T) {
	var got called
	saw := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, r connect.AnyRequest) (connect.AnyResponse, error) {
			got = look(connectRequest{r.HTTPMethod(), r.Spec(), r.Peer(), r.Header()})
			return next(ctx, r)
		}
	})
	server := httptest.NewServer(connect.NewUnaryHandler(PingProcedure, ping, connect.WithInterceptors(saw)))
	defer server.Close()
	client := connect.NewClient[emptypb.Empty, emptypb.Empty](server.Client(), server.URL+PingProcedure)
	if _, err := client.CallUnary(t.Context(), emptyRequest(nil)); err != nil {
		t.Fatal(err)
	}
	if want := (called{PingProcedure, server.Listener.Addr().String(), false, true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
