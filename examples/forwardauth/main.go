// Command forwardauth decides about requests for a proxy that asks before it
// forwards: nginx with auth_request, Traefik with ForwardAuth, Caddy with
// forward_auth. The service behind the proxy needs no code of its own:
//
//	go run ./examples/forwardauth -issuer https://login.example.com/ -audience https://api.example.com
//
// Whatever path is asked for, it answers 200 or the refusal. The request that is
// decided about is the client's, which the proxy describes in headers: original.go
// reads them. Of who passed it answers X-Auth-Issuer, X-Auth-Subject, X-Auth-Client
// and X-Auth-Scope: answer.go. README.md says how each proxy is configured, and why.
//
// Only the proxy should reach it. It holds no secret, and answers 200 to nobody
// without a good token.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "forwardauth:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, and then until the requests that it has taken are
// answered.
func run(ctx context.Context, args []string, out io.Writer) error {
	log := slog.New(slog.NewTextHandler(out, nil))
	options, err := parse(args, out)
	if err != nil {
		return err
	}
	guard, err := options.guard(log)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", options.listen)
	if err != nil {
		return err
	}
	log.Info("listening", "address", listener.Addr().String())
	return serve(ctx, newServer(answer(guard, log)), listener)
}

func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second, // a decision may wait 5 s for keys
		IdleTimeout:       2 * time.Minute,  // longer than a proxy keeps an idle connection, which it would find closed
		MaxHeaderBytes:    64 << 10,         // a token of 16 KiB, beside the other headers of the client
		// net/http answers 200 to "OPTIONS *" by itself, which would let a request pass.
		DisableGeneralOptionsHandler: true,
	}
}

func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := server.Shutdown(ending)
	<-served
	return err
}
