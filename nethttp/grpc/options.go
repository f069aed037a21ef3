package jwtmw

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/jwtmw/jwtmw/core"
)

// Options are the settings of a guard that gRPC alone has. The zero value is
// what GRPC and the function Guard use.
type Options struct {
	// Open names what anyone may call: services, as
	// "grpc.health.v1.Health", and single methods, as
	// "/grpc.health.v1.Health/Check". A name is compared byte for byte with what
	// the server registered. No token is looked at there, and no claims are in
	// the context. Default: nothing.
	Open []string

	// EndAtExpiry ends a stream when its token expires, to the instant of
	// Claims.Expiry and without leeway: the context is done, SendMsg and RecvMsg
	// return, and the client gets Unauthenticated with the reason "expired". The
	// handler must then return. Default: false, a stream is judged when it begins
	// and may outlive its token.
	EndAtExpiry bool
}

// Guard is the function Guard with these settings. It panics, at start-up, also
// if a name in Open could be that of no service and no method.
func (o Options) Guard(g core.Guard) []grpc.ServerOption {
	o.Open = slices.Clone(o.Open)
	if err := errors.Join(g.Validate(), o.validate()); err != nil {
		panic(err)
	}
	guard := &guard{g.MustValidate(), o}
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(guard.unary), grpc.ChainStreamInterceptor(guard.stream)}
}

func (o Options) validate() error {
	var errs []error
	for _, name := range o.Open {
		service, method, isMethod := strings.Cut(strings.TrimPrefix(name, "/"), "/")
		// A name that matches nothing would close what was meant to be open, and a
		// pattern is taken for a name.
		if service == "" || isMethod != strings.HasPrefix(name, "/") || isMethod && method == "" || strings.ContainsAny(name, "* \t") {
			errs = append(errs, fmt.Errorf(`jwtmw: Options.Open holds %.64q, want a service as "grpc.health.v1.Health" or a method as "/grpc.health.v1.Health/Check"`, name))
		}
	}
	return errors.Join(errs...)
}

// open says whether anyone may call the method.
func (o Options) open(fullMethod string) bool {
	slash := strings.LastIndexByte(fullMethod, '/')
	return slash > 0 && (slices.Contains(o.Open, fullMethod) || slices.Contains(o.Open, strings.TrimPrefix(fullMethod[:slash], "/")))
}

// guard is a Guard that is mounted.
type guard struct {
	core.Guard
	Options
}

func (g *guard) unary(ctx context.Context, message any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if g.open(info.FullMethod) {
		return next(ctx, message)
	}
	setTrailer := func(md metadata.MD) { grpc.SetTrailer(ctx, md) } // fails only outside of a call
	checked, err := g.check(ctx, func(md metadata.MD) error { return grpc.SetHeader(ctx, md) })
	if err != nil {
		return nil, answer(err, setTrailer)
	}
	response, err := next(checked, message)
	return response, answer(err, setTrailer)
}

func (g *guard) stream(server any, s grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if g.open(info.FullMethod) {
		return next(server, s)
	}
	checked, err := g.check(s.Context(), s.SetHeader)
	if err != nil {
		return answer(err, s.SetTrailer)
	}
	if claims, ok := core.FromContext(checked); ok && g.EndAtExpiry && !claims.Expiry.IsZero() {
		return answer(endAt(claims.Expiry, server, checkedStream{s, checked}, next), s.SetTrailer)
	}
	return answer(next(server, checkedStream{s, checked}), s.SetTrailer)
}

// check decides a call, and sends what a call that passed owes its client.
func (g *guard) check(ctx context.Context, setHeader func(metadata.MD) error) (context.Context, error) {
	checked, err := g.Check(ctx, requestOf(ctx))
	if err != nil {
		return nil, err
	}
	owed := metadata.MD{}
	core.SetHeaders(checked, func(name, value string) { owed.Set(name, value) })
	if len(owed) > 0 {
		if err := setHeader(owed); err != nil {
			return nil, core.RefusalOf(err)
		}
	}
	return checked, nil
}

// checkedStream carries the claims to the method.
type checkedStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s checkedStream) Context() context.Context { return s.ctx }
