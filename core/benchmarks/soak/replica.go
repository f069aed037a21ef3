package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/revoke"
)

// The list of revocations serves for 12 seconds without the store, so that an outage
// of seconds must not show and one of half a minute does.
const (
	listAge   = 2 * time.Second
	listStale = 10 * time.Second
)

// replica is one service under one framework. It shares nothing with the others but
// the store, though all run in this process.
type replica struct {
	name     string
	addr     string
	verifier *core.Verifier
	list     *revoke.List
	client   client
	stop     []func()
}

// framework serves one route, guarded, that answers the subject of the token.
type framework struct {
	name  string
	serve func(net.Listener, core.Guard) (stop func())
	rpc   bool
}

func frameworks() []framework {
	return []framework{
		{"net/http", serveNetHTTP, false},
		{"gin", serveGin, false},
		{"echo v5", serveEcho, false},
		{"echo v4", serveEchoV4, false},
		{"fiber v2", serveFiber, false},
		{"fiber v3", serveFiberV3, false},
		{"grpc", serveGRPC, true},
	}
}

func newReplica(ctx context.Context, f framework, s *server, t *turning, i *ringed, logger *slog.Logger) (*replica, error) {
	logger = logger.With("replica", f.name)
	shared, closeClient := s.client()
	r := &replica{name: f.name, stop: []func(){func() { _ = closeClient() }}}
	var err error
	if r.list, err = revoke.New(revoke.Config{Log: shared.Revocations("soak:revoked"), MaxAge: listAge, MaxStale: listStale, Logger: logger}); err != nil {
		return r, err
	}
	r.verifier, err = core.New(core.Config{
		Issuer:     t.issuer.URL(),
		Audiences:  []string{audience},
		Algorithms: signs,
		Keys:       core.Discovery{},
		// The certificate comes as from a proxy, since this program ends no TLS.
		ClientCert: core.ClientCert{Header: "Client-Cert", From: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}},
		TokenCache: 16, // smaller than what is sent, so that it works and evicts
		Logger:     logger,
	}, core.Config{
		Issuer:    i.url,
		Audiences: []string{audience},
		Profile:   core.ProfileRFC9068,
		Keys:      core.Discovery{Fetch: core.Fetch{Store: shared.Documents("soak:keys:")}},
		Revoked:   r.list.Revoked,
		DPoP:      core.DPoP{URLs: []string{publicURL}, Replays: shared.Replays("soak:proofs:")},
		Logger:    logger,
	})
	if err != nil {
		return r, err
	}
	if err := r.verifier.Ready(ctx); err != nil {
		return r, fmt.Errorf("%s: %w", f.name, err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return r, err
	}
	r.addr = listener.Addr().String()
	r.stop = append(r.stop, f.serve(listener, core.Guard{Verifier: r.verifier}))
	if f.rpc {
		r.client, err = newRPCClient(r.addr)
	} else {
		r.client = newHTTPClient(r.addr)
	}
	return r, err
}

// close ends the client first, so that a server which waits for its connections ends.
func (r *replica) close() {
	if r.client != nil {
		r.client.close()
	}
	for n := len(r.stop) - 1; n >= 0; n-- {
		r.stop[n]()
	}
}

// path is the one route of the HTTP replicas.
const path = "/orders"

func serveHTTP(l net.Listener, h http.Handler) func() {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // returns when the server is closed
	return func() { _ = server.Close() }
}
