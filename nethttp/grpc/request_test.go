package jwtmw

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/jwtmw/jwtmw/core"
)

// seen is what a guard sees of a call.
type seen struct {
	method, host, path, query string
	tls                       bool
	clientCertificates        int
	peer                      netip.AddrPort
}

func look(r core.Request) seen {
	s := seen{method: r.Method(), host: r.Host(), path: r.Path(), query: r.Query(), tls: r.TLS() != nil, peer: r.RemoteAddr()}
	if s.tls {
		s.clientCertificates = len(r.TLS().PeerCertificates)
	}
	return s
}

// Each transport that gRPC has, over a connection whose every property the metadata denies.
func TestRequest(t *testing.T) {
	certified := httptest.NewUnstartedServer(nil)
	certified.EnableHTTP2 = true
	certified.StartTLS() // for its certificate, and to serve gRPC by net/http
	defer certified.Close()
	server := &tls.Config{Certificates: certified.TLS.Certificates, ClientAuth: tls.RequestClientCert}
	client := certified.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	client.Certificates = certified.TLS.Certificates
	client.NextProtos = []string{"h2"}
	tests := []struct {
		name         string
		server       []grpc.ServerOption
		client       credentials.TransportCredentials
		byHTTP       bool
		tls          bool
		certificates int
	}{
		{"plain", nil, insecure.NewCredentials(), false, false, 0},
		{"TLS", []grpc.ServerOption{grpc.Creds(credentials.NewTLS(server))}, credentials.NewTLS(client), false, true, 1},
		{"served by net/http", nil, credentials.NewTLS(client), true, true, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got seen
			watch := grpc.UnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
				got = look(requestOf(ctx))
				return next(ctx, r)
			})
			server := grpc.NewServer(append(test.server, watch)...)
			grpc_health_v1.RegisterHealthServer(server, health.NewServer())
			defer server.Stop()
			address := certified.Listener.Addr().String()
			if test.byHTTP {
				certified.Config.Handler = server
			} else {
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				go server.Serve(listener)
				address = listener.Addr().String()
			}
			var local net.Addr
			conn, err := grpc.NewClient("passthrough:"+address, grpc.WithTransportCredentials(test.client), grpc.WithAuthority("example.com"),
				grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
					c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
					if err == nil {
						local = c.LocalAddr()
					}
					return c, err
				}))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			ctx := metadata.AppendToOutgoingContext(t.Context(), "host", "evil.test", "x-forwarded-host", "evil.test", "x-forwarded-for", "192.0.2.1",
				"x-real-ip", "192.0.2.1", "forwarded", "for=192.0.2.1;host=evil.test", "x-forwarded-proto", "https", "x-original-url", "/b", "x-http-method-override", "GET")
			if _, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{}); err != nil {
				t.Fatal(err)
			}
			want := seen{"POST", "example.com", "/grpc.health.v1.Health/Check", "", test.tls, test.certificates, local.(*net.TCPAddr).AddrPort()}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	md := metadata.Pairs("authorization", "Bearer a", "Authorization", "Bearer b", "cookie", "a=1", "x-bin", "Bearer c", ":authority", "api.test")
	r := requestOf(metadata.NewIncomingContext(t.Context(), md))
	for name, want := range map[string][]string{
		"Authorization": {"Bearer a", "Bearer b"}, "COOKIE": {"a=1"}, "X-Bin": nil, "x-bin": nil, "X-BIN": nil, "Host": nil, "X-Other": nil,
	} {
		if got := r.Header(name); !slices.Equal(got, want) {
			t.Errorf("Header(%q): got %q, want %q", name, got, want)
		}
	}
	if got := r.Host(); got != "api.test" {
		t.Errorf("Host: got %q, want api.test", got)
	}
}

// Without a connection, as in a test that calls a method itself, and over what is no network.
func TestRequestOfNoConnection(t *testing.T) {
	bare := peer.NewContext(t.Context(), &peer.Peer{Addr: &net.UnixAddr{Name: "/run/orders", Net: "unix"}})
	for name, ctx := range map[string]context.Context{"nothing": t.Context(), "a Unix socket": bare} {
		if got := look(requestOf(ctx)); got != (seen{method: "POST"}) {
			t.Errorf("%s: got %+v, want a POST and nothing else", name, got)
		}
	}
	two := metadata.NewIncomingContext(t.Context(), metadata.Pairs(":authority", "a.test", ":authority", "b.test"))
	if got := requestOf(two).Host(); got != "" {
		t.Errorf("two authorities: got host %q, want none", got)
	}
}
