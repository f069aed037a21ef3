package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// service is one framework, listening.
type service struct {
	name string
	url  string
	server
	done chan error // what Serve returned
}

// server is what the frameworks have in common: an *http.Server, or fiber.
type server interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
}

// ordersScope is what /orders asks for. The other path, /, takes any valid token.
const ordersScope = "orders:read"

// startAll starts every framework on a free port of 127.0.0.1. They share a
// guard, and so the keys, which makes one picture of the cache; four programs
// would each have their own.
func startAll(guard core.Guard) (services []*service, err error) {
	for _, framework := range []struct {
		name   string
		server server
	}{
		{"net/http", newServer(netHTTPHandler(guard))},
		{"gin", newServer(ginHandler(guard))},
		{"fiber", newFiberServer(guard)},
		{"echo", newServer(echoHandler(guard))},
	} {
		s, err := start(framework.name, framework.server)
		if err != nil {
			return nil, errors.Join(err, closeAll(services))
		}
		services = append(services, s)
	}
	return services, nil
}

func newServer(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
}

func start(name string, server server) (*service, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	s := &service{name, "http://" + listener.Addr().String(), server, make(chan error, 1)}
	go func() { s.done <- server.Serve(listener) }()
	return s, nil
}

// closeAll lets requests end and waits until nothing listens any more.
func closeAll(services []*service) error {
	// net/http waits 5 seconds for a first request on a connection that a browser opened ahead.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var errs []error
	for _, s := range services {
		if err := s.close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", s.name, err))
		}
	}
	return errors.Join(errs...)
}

func (s *service) close(ctx context.Context) error {
	if err := s.Shutdown(ctx); err != nil {
		return err
	}
	select {
	case err := <-s.done:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
