package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
	"github.com/jwtmw/jwtmw/core/revoke"
)

// Redis sends one command to a server and returns its reply: args[0] is the
// command's name, and every argument is a string, which may hold any octets. A
// reply is nil for nothing there, a string or []byte, an int64, or a []any of
// those. It must heed ctx and be safe for concurrent use; the package comment has
// one for each client.
type Redis func(ctx context.Context, args ...any) (reply any, err error)

// Replays remembers used proofs for core.DPoP.Replays, each under its own key that
// begins with prefix and expires. Every service has a prefix of its own. One round
// trip a proof; an outage refuses with 503.
func (r Redis) Replays(prefix string) core.ReplayStore { return &replays{newServer(r), prefix} }

// Revocations is the Log of a fleet, in one sorted set. Entries that have ended
// are removed while others are added, and the whole expires with the last. About
// 200 octets of the server's memory an entry.
func (r Redis) Revocations(key string) revoke.Log { return &revocations{newServer(r), key} }

// Ring keeps the document of an issue.Ring under key, which never expires. Give
// the Ring a Sealer: else whoever can read the server can sign tokens.
func (r Redis) Ring(key string) issue.Store { return &ring{newServer(r), key} }

// Documents lets one replica of a fleet fetch an issuer's keys for all: give it to
// the Fetch of each. While one fetches, the others wait for what it puts, for 400
// ms at most. Whoever can write there can forge tokens. Documents expire after 49
// hours, which is past any use.
func (r Redis) Documents(prefix string) core.Store { return &documents{newServer(r), prefix} }

const (
	callLimit = 2 * time.Second
	maxCalls  = 1024 // at a time, of one use
	// noFailure is how short a deadline must be to say nothing about the server.
	noFailure = 100 * time.Millisecond
)

var (
	errNoAnswer = errors.New("got no answer in time")
	errGoexit   = errors.New("got runtime.Goexit, want a return")
	errNil      = errors.New("got a nil Redis, want a function")
)

// server is one use of a Redis.
type server struct {
	redis   Redis
	breaker breaker
	calls   chan struct{} // each value in it is a call that has not returned
}

func newServer(r Redis) *server {
	return &server{redis: r, calls: make(chan struct{}, maxCalls)}
}

// do sends one command, unless the breaker says that it would fail.
func (s *server) do(ctx context.Context, args ...string) (any, error) {
	began := time.Now()
	probe, err := s.breaker.enter(began)
	if err != nil {
		return nil, err
	}
	reply, err := s.call(ctx, args)
	now := time.Now()
	switch {
	case err == nil:
		s.breaker.succeeded()
	case ctx.Err() != nil && (errors.Is(ctx.Err(), context.Canceled) || now.Sub(began) < noFailure):
		// The caller went away, or had no time. A client that hangs up must not
		// switch the store off for everybody.
		s.breaker.unknown(probe)
	default:
		err = fmt.Errorf("redis: %w", err)
		s.breaker.failed(probe, now, err)
	}
	return reply, err
}

// call returns when the client does, or its time is over, even if the client
// ignores its ctx.
func (s *server) call(ctx context.Context, args []string) (any, error) {
	if s.redis == nil {
		return nil, errNil
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	select {
	case s.calls <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %d calls hang", errNoAnswer, maxCalls)
	}
	words := make([]any, len(args))
	for i, arg := range args {
		words[i] = arg
	}
	type answer struct {
		reply any
		err   error
	}
	answers := make(chan answer, 1) // with room, so that an abandoned call can end
	go func() {
		got := answer{err: errGoexit}
		defer func() {
			if p := recover(); p != nil {
				got.err = fmt.Errorf("panic: %s", quote(fmt.Sprint(p)))
			}
			<-s.calls
			answers <- got
		}()
		got.reply, got.err = s.redis(ctx, words...)
	}()
	select {
	case got := <-answers:
		return got.reply, got.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", errNoAnswer, context.Cause(ctx))
	}
}
