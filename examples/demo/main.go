// Command demo shows one verifier at work under four web frameworks.
//
// It starts an issuer, which publishes its keys over HTTP, and one service each
// under net/http, gin, fiber and echo, which trust it with one line of
// middleware. It sends the same good and bad requests to all four, prints what
// they answered, and serves until Ctrl-C: a web page to play with, and the
// services for requests of your own:
//
//	go run ./examples/demo
//	go run ./examples/demo -once
//
// With -once it ends after the table. The exit status is 1 if any answer is not
// the expected one.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/revoke"
)

func main() {
	once := flag.Bool("once", false, "exit after the table, with status 1 if an answer is not the expected one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *once); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run is the whole demo. Unless once is set, it returns when ctx ends.
func run(ctx context.Context, out io.Writer, once bool) (err error) {
	issuer, err := jwttest.Listen()
	if err != nil {
		return err
	}
	defer issuer.Close()
	listeners, urls, err := listenAll()
	if err != nil {
		return err
	}
	list, err := revoke.New(revoke.Config{Log: revoke.Memory()})
	if err != nil {
		return err
	}
	verifier, err := newVerifier(issuer, urls, list)
	if err != nil {
		return err
	}
	services := startAll(listeners, core.Guard{Verifier: verifier})
	defer func() {
		if closing := closeAll(services); err == nil {
			err = closing
		}
	}()

	introduce(out, issuer)
	results, err := tryAll(ctx, services, trials(issuer))
	if err != nil {
		return err
	}
	if err := printTable(out, services, results); err != nil {
		return err
	}
	if err := unexpected(services, results); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nAll %d answers are the expected ones. The services fetched keys %d times.\n",
		len(services)*len(results), issuer.Fetches())
	if once {
		return nil
	}
	page, err := startPlayground(issuer, verifier, list, services)
	if err != nil {
		return err
	}
	invite(out, issuer, services, page)
	services = append(services, page) // closed with them
	<-ctx.Done()
	return nil
}

func introduce(out io.Writer, issuer *jwttest.Issuer) {
	fmt.Fprintf(out, `Four services, one verifier. The issuer %s signs tokens and publishes its
keys; the services trust it with one line of middleware each. A row is one request, sent to
all four. A cell is the status of the answer, then who passed, or why nobody did.

`, issuer.URL())
}

// invite prints what a person can try while the services run.
func invite(out io.Writer, issuer *jwttest.Issuer, services []*service, page *service) {
	token := issuer.Token(map[string]any{
		"scope": ordersScope,
		"exp":   time.Now().Add(time.Hour).Unix(),
	}, jwttest.Algorithm("ES256"))
	fmt.Fprintf(out, `
Your turn. Change tokens, break the issuer and watch the keys, in a browser:

  %s

Or by hand. A token that is good for an hour, and who takes it:

TOKEN=%s

`, page.url, token)
	for _, s := range services {
		fmt.Fprintf(out, "%s\n  curl -i -H \"Authorization: Bearer $TOKEN\" %s\n", s.name, s.url)
	}
	fmt.Fprintf(out, `
The other examples take it too, at http://localhost:8080/hello and /orders:

  JWT_ISSUER=%[1]s JWT_AUDIENCE=%[2]s go run ./examples/gin

What a verifier makes of it, step by step:

  echo $TOKEN | go run ./examples/inspect -issuer %[1]s -audience %[2]s

Serving until Ctrl-C.
`, issuer.URL(), jwttest.Audience)
}
