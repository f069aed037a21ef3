package jwtmw_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp/grpc"
)

// orders stands in for a service of yours; health's methods are used so that this example needs no generated code.
type orders struct {
	grpc_health_v1.UnimplementedHealthServer
}

func (orders) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if err := jwtmw.Require(ctx, core.Scope("orders:read")); err != nil {
		return nil, err
	}
	claims, _ := jwtmw.FromContext(ctx)
	fmt.Println("hello", claims.Subject)
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

func ExampleGRPC() {
	issuer := jwttest.NewIssuer("") // stands in for your identity provider

	server := grpc.NewServer(jwtmw.GRPC(jwtmw.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}, // only for a stand-in
	})...)
	grpc_health_v1.RegisterHealthServer(server, orders{})

	client, stop := serve(server)
	defer stop()
	for _, token := range []string{"", issuer.Token(nil), issuer.Token(map[string]any{"scope": "orders:read"})} {
		ctx := context.Background()
		if token != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
		}
		var trailer metadata.MD
		_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{}, grpc.Trailer(&trailer))
		fmt.Println(status.Code(err), trailer.Get("www-authenticate"))
	}

	// Output:
	// Unauthenticated [Bearer]
	// PermissionDenied [Bearer error="insufficient_scope", error_description="the token does not grant a required scope", scope="orders:read"]
	// hello alice
	// OK []
}

// Health checks and reflection need no token: they are named, and nothing else is open.
func ExampleOptions() {
	issuer := jwttest.NewIssuer("")
	verifier, err := core.New(issuer.Config())
	if err != nil {
		fmt.Println(err)
		return
	}

	options := jwtmw.Options{
		Open: []string{
			grpc_health_v1.Health_ServiceDesc.ServiceName, // "grpc.health.v1.Health"
			"grpc.reflection.v1.ServerReflection",         // tells strangers which methods there are
			"grpc.reflection.v1alpha.ServerReflection",
		},
		EndAtExpiry: true,
	}
	server := grpc.NewServer(options.Guard(core.Guard{Verifier: verifier, Realm: "orders"})...)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	reflection.Register(server)

	client, stop := serve(server)
	defer stop()
	answer, err := client.Check(context.Background(), &grpc_health_v1.HealthCheckRequest{})
	fmt.Println(answer.GetStatus(), err)

	// Output:
	// SERVING <nil>
}

// serve serves in memory.
func serve(server *grpc.Server) (client grpc_health_v1.HealthClient, stop func()) {
	listener := bufconn.Listen(1 << 16)
	go server.Serve(listener)
	conn, err := grpc.NewClient("passthrough:bufconn", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		panic(err)
	}
	return grpc_health_v1.NewHealthClient(conn), func() {
		conn.Close()
		server.Stop()
	}
}
