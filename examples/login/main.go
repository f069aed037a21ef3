// Command login is a login of one's own, embedded and without another service:
//
//	cd examples/login && go run .
//
// It serves, under gin:
//
//	POST /login     {"username": ..., "password": ...}: an access and a refresh token
//	POST /refresh   {"refresh_token": ...}: the next pair
//	POST /logout    {"refresh_token": ...}: ends the session
//	GET  /me        with the access token: who it is
//	GET  /.well-known/openid-configuration, /.well-known/oauth-authorization-server, /.well-known/jwks.json
//	GET  /readyz    200 while a key signs
//
// Access tokens are ES256 and live for 15 minutes: package core/issue signs them
// and changes the keys, and any service verifies them with no more than this one's
// URL. Refresh tokens are opaque. Their table, the users and everything about
// sessions are this program's and not the library's: they belong to the database of
// your users. Copy them.
//
// What is left out, because it is a product's: registration, forgotten passwords,
// a second factor, and a bound on the addresses that guess, which stands in front.
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

	"github.com/gin-gonic/gin"
	"golang.org/x/crypto/bcrypt"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "login:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("login", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8080", "address to listen on")
	issuer := flags.String("issuer", "", "public URL of this service (default: http:// and the address, which must be loopback then)")
	data := flags.String("data", "", "directory for keys, users and sessions (default: one that ends with the program)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken: end what listens there, or choose another address with -listen", *listen)
	case err != nil:
		return err
	}
	defer listener.Close()
	if *issuer == "" {
		*issuer = "http://" + listener.Addr().String()
	}
	if *data == "" {
		if *data, err = os.MkdirTemp("", "login"); err != nil {
			return err
		}
		defer os.RemoveAll(*data)
	}
	gin.SetMode(gin.ReleaseMode) // prints no routes, and dumps no request that panics
	s, err := open(ctx, *issuer, *data, bcrypt.DefaultCost, slog.New(slog.NewTextHandler(out, nil)))
	if err != nil {
		return err
	}
	defer s.close()
	fmt.Fprintf(out, `listening on %s; try

  curl -s %[2]s/login -H 'Content-Type: application/json' -d '{"username":"alice","password":"wonderland"}'
  curl -s %[2]s/me -H "Authorization: Bearer $ACCESS_TOKEN"

`, listener.Addr(), *issuer)
	return serve(ctx, listener, s.router())
}

// serve ends when ctx does, after the requests under way.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler,
		// Whoever sends slowly holds a connection no longer than this.
		ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(patience)
}
