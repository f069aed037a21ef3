package jwtmw

import (
	"context"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/jwtmw/jwtmw/core"
)

// errExpired is why the context of a stream is done, and what its method gets.
var errExpired error = refused{Refusal: &core.Refusal{Status: http.StatusUnauthorized, Reason: core.ReasonExpired}}

// endAt runs a stream's method until its token expires.
func endAt(expiry time.Time, server any, s checkedStream, next grpc.StreamHandler) error {
	outer := s.ctx
	ctx, cancel := context.WithDeadlineCause(outer, expiry, errExpired)
	defer cancel()
	s.ctx = ctx
	err := next(server, expiringStream{s})
	// The method may have said anything about a stream that was ended under it.
	if err != nil && context.Cause(ctx) == errExpired {
		return expired(outer)
	}
	return err
}

// expired is the refusal as the guard before it words, logs and traces it.
func expired(ctx context.Context) error {
	return core.Require(ctx, core.Func(func(context.Context, *core.Claims) error { return errExpired }))
}

// expiringStream returns from a call that waits for the peer when its context is
// done. gRPC's own does so only when the client is gone, since it has another
// context.
type expiringStream struct{ checkedStream }

func (s expiringStream) RecvMsg(m any) error {
	return s.within(func() error { return s.checkedStream.RecvMsg(m) })
}

func (s expiringStream) SendMsg(m any) error {
	return s.within(func() error { return s.checkedStream.SendMsg(m) })
}

// within leaves a call behind that ends when the method has returned: gRPC then
// ends the stream that it waits on. m is the call's until then, as the contract
// of grpc.ServerStream has it for SendMsg.
func (s expiringStream) within(call func() error) error {
	if s.ctx.Err() != nil {
		return s.over()
	}
	type result struct {
		err   error
		value any // of a panic, which belongs to the method's goroutine
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			r.value = recover()
			done <- r
		}()
		r.err = call()
	}()
	select {
	case r := <-done:
		if r.value != nil {
			panic(r.value)
		}
		return r.err
	case <-s.ctx.Done():
		return s.over()
	}
}

// over is why the stream has ended, as an error with a code.
func (s expiringStream) over() error {
	if cause := context.Cause(s.ctx); cause == errExpired {
		return cause
	}
	return status.FromContextError(s.ctx.Err()).Err()
}
