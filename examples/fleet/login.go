package main

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/jwtmw/jwtmw/core/issue"
	"github.com/jwtmw/jwtmw/core/redisstore"
)

const api = "https://api.example.com"

// login is the issuing half: a Ring of keys in the server, and the documents that
// verifiers fetch.
type login struct {
	issuer  *issue.Issuer
	url     string
	http    *http.Server
	fetches atomic.Int64 // of the key set
}

func startLogin(shared redisstore.Redis) (*login, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &login{url: "http://" + listener.Addr().String()}
	sealing := make([]byte, 32) // in a fleet: the same secret for every replica, and not in the server
	if _, err := rand.Read(sealing); err != nil {
		return nil, err
	}
	if l.issuer, err = issue.New(issue.Config{
		Issuer: l.url,
		Keys:   issue.Ring{Store: shared.Ring("login:ring"), Sealer: issue.SealWith(sealing)},
	}); err != nil {
		return nil, err
	}
	l.http = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" && r.URL.Path != "/.well-known/oauth-authorization-server" {
			l.fetches.Add(1)
		}
		l.issuer.ServeHTTP(w, r)
	})}
	go func() { _ = l.http.Serve(listener) }()
	return l, nil
}

func (l *login) close() { _ = l.http.Close() }

// bound is a token that only the holder of a key can use (RFC 9449).
func (l *login) bound(ctx context.Context, subject string, confirmation map[string]any) (string, error) {
	return l.issuer.Sign(ctx, issue.Claims{Subject: subject, ClientID: "web", Audience: []string{api}, More: map[string]any{"cnf": confirmation}})
}

func (l *login) token(ctx context.Context, subject string) (string, error) {
	return l.issuer.Sign(ctx, issue.Claims{Subject: subject, ClientID: "web", Audience: []string{api}})
}
