package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/jwtmw/jwtmw/core/issue"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// The shortest times that a Ring takes, so that an hour sees eight keys. Its tokens
// must always pass: a key is published for Ahead before it signs.
const (
	ringMaxAge = time.Minute
	ringAhead  = 7 * time.Minute
	ringEvery  = 7 * time.Minute
)

// ringed is an issuer of two replicas with one Ring in Redis. Its tokens are asked of
// a revocation list, and some are bound to a key by DPoP.
type ringed struct {
	url      string
	replicas [2]*issue.Issuer
	server   *http.Server
	close    []func() error
	turn     atomic.Int64
	serial   atomic.Int64
	bearers  pool
	bound    pool
}

func newRinged(s *server, logger *slog.Logger) (*ringed, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	i := &ringed{url: "http://" + listener.Addr().String()}
	i.close = append(i.close, listener.Close)
	key := make([]byte, 32)
	rand.Read(key)
	for n := range i.replicas {
		shared, closeClient := s.client()
		i.close = append(i.close, closeClient)
		i.replicas[n], err = issue.New(issue.Config{
			Issuer: i.url, Lifetime: tokenLifetime, Logger: logger,
			Keys: issue.Ring{Store: shared.Ring("soak:ring"), Sealer: issue.SealWith(key), Every: ringEvery, Ahead: ringAhead, MaxAge: ringMaxAge},
		})
		if err != nil {
			return nil, err
		}
	}
	i.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { i.next().ServeHTTP(w, r) })}
	go func() { _ = i.server.Serve(listener) }() // returns when the server is closed
	i.close = append(i.close, i.server.Close)
	return i, i.replicas[0].Ready(context.Background())
}

// next returns the replicas in turn.
func (i *ringed) next() *issue.Issuer { return i.replicas[i.turn.Add(1)%int64(len(i.replicas))] }

// mint signs a token, bound to the key of p unless that is nil. Signing never waits
// for the store, so that an error is a wrong verdict like any other.
func (i *ringed) mint(ctx context.Context, p *jwttest.Prover) (*token, error) {
	t := &token{subject: fmt.Sprintf("ringed-%d", i.serial.Add(1)), expires: time.Now().Add(tokenLifetime)}
	claims := issue.Claims{Subject: t.subject, ClientID: "soak", ID: t.subject, Audience: []string{audience}}
	if p != nil {
		claims.More = map[string]any{"cnf": p.Confirmation()}
		t.prover = dpopClient{p}
	}
	var err error
	t.text, err = i.next().Sign(ctx, claims)
	return t, err
}

// pick returns a token that must pass. Some are new.
func (i *ringed) pick(ctx context.Context, r *mathrand.Rand, bound bool) (*token, error) {
	p := &i.bearers
	if bound {
		p = &i.bound
	}
	if t := p.pick(r); t != nil && r.IntN(20) > 0 {
		return t, nil
	}
	var key *jwttest.Prover
	if bound {
		key = jwttest.NewProver("ES256")
	}
	t, err := i.mint(ctx, key)
	if err != nil {
		return nil, err
	}
	p.put(r, t)
	return t, nil
}

func (i *ringed) stop() {
	for n := len(i.close) - 1; n >= 0; n-- {
		_ = i.close[n]()
	}
}

// dpopClient makes good proofs.
type dpopClient struct{ *jwttest.Prover }

func (c dpopClient) Proof(method, url, token string) string {
	return c.Prover.Proof(method, url, token, nil)
}
