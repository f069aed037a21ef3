// Command fleet shows three replicas of a service that act as one: under net/http,
// gin and fiber, with what they share in a redis-server of their own.
//
//	go run .
//	go run . -once
//
// It starts the server on a free loopback port, an issuer that keeps its key ring
// there, and the replicas. It sends one DPoP proof to all of them. It logs a user
// out on one and shows when the others refuse her token. It stops the server, shows
// what each use of it answers, and starts it again. Then it serves until Ctrl-C, for requests of your own; with -once it ends.
// The exit status is 1 if an answer is not the expected one. The lists serve for
// 4 seconds without the server here, where the default is a minute.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	once := flag.Bool("once", false, "exit after the tables, with status 1 if an answer is not the expected one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, *once); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

// run is the whole program. Unless once is set, it returns when ctx ends.
func run(ctx context.Context, out io.Writer, once bool) (err error) {
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	login, err := startLogin(server.client())
	if err != nil {
		return err
	}
	defer login.close()
	replicas, err := startReplicas(server, login)
	if err != nil {
		return err
	}
	defer func() {
		for _, r := range replicas {
			r.close()
		}
	}()
	s := &story{out: out, server: server, login: login, replicas: replicas}
	if err := s.tell(ctx); err != nil {
		return err
	}
	if once {
		return nil
	}
	token, err := login.token(ctx, "dora")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nServing until Ctrl-C. In another terminal:\n\n  TOKEN=%s\n", token)
	for _, r := range replicas {
		fmt.Fprintf(out, "  curl -i -H \"Authorization: Bearer $TOKEN\" %s/          # %s\n", r.url, r.name)
	}
	fmt.Fprintf(out, "  curl -i -H \"Authorization: Bearer $TOKEN\" -X POST %s/logout\n", replicas[0].url)
	<-ctx.Done()
	return nil
}
