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

// frameworks is how many services there are.
const frameworks = 4

// listenAll takes a free port of 127.0.0.1 for each service. Proofs name the URL
// that they are made for, so that the guard must know it before anything is served.
func listenAll() (listeners []net.Listener, urls []string, err error) {
	for range frameworks {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			for _, l := range listeners {
				err = errors.Join(err, l.Close())
			}
			return nil, nil, fmt.Errorf("listen: %w", err)
		}
		listeners, urls = append(listeners, listener), append(urls, "http://"+listener.Addr().String())
	}
	return listeners, urls, nil
}

// startAll starts every framework. They share a guard, and so the keys, which makes
// one picture of the cache; four programs would each have their own.
func startAll(listeners []net.Listener, guard core.Guard) (services []*service) {
	for i, framework := range [frameworks]struct {
		name   string
		server server
	}{
		{"net/http", newServer(netHTTPHandler(guard))},
		{"gin", newServer(ginHandler(guard))},
		{"fiber", newFiberServer(guard)},
		{"echo", newServer(echoHandler(guard))},
	} {
		services = append(services, startOn(listeners[i], framework.name, framework.server))
	}
	return services
}

func newServer(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
}

func start(name string, server server) (*service, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return startOn(listener, name, server), nil
}

func startOn(listener net.Listener, name string, server server) *service {
	s := &service{name, "http://" + listener.Addr().String(), server, make(chan error, 1)}
	go func() { s.done <- server.Serve(listener) }()
	return s
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
