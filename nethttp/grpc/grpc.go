// Package jwtmw guards gRPC servers with JSON Web Tokens:
//
//	server := grpc.NewServer(jwtmw.GRPC(jwtmw.Config{
//		Issuer:    "https://login.example.com/",
//		Audiences: []string{"https://api.example.com"},
//	})...)
//
// Every call is guarded, unary or stream. What anyone may call, such as health
// checks and reflection, is named in [Options].
//
// A refused call never reaches the method. It ends with one of five codes:
//
//	400  InvalidArgument    two tokens, or one that is sent as RFC 6750 forbids
//	401  Unauthenticated    no token, or one that is not valid
//	403  PermissionDenied   the token is valid and does not suffice
//	503  Unavailable        nobody knows now whether the token is valid
//	500  Internal           the service is not configured
//
// The trailer holds what an HTTP response would have in its header:
// "www-authenticate" with the challenge of RFC 6750, and "retry-after". The
// status has a google.rpc.ErrorInfo, whose domain is "jwtmw" and whose reason is
// the core.Reason as it is spelled there, and under Unavailable a
// google.rpc.RetryInfo. Package core describes what is checked.
//
// gRPC reads a unary message before it asks interceptors. Bound what a stranger
// can send with grpc.MaxRecvMsgSize; the default is 4 MiB.
//
// The package is a module of its own, so that nobody else downloads gRPC. It is
// called jwtmw as the other adapters are.
package jwtmw

import (
	"context"

	"google.golang.org/grpc"

	"github.com/jwtmw/jwtmw/core"
)

type (
	// Config describes one trusted issuer and what its tokens must say.
	Config = core.Config

	// Claims is what a verified token says.
	Claims = core.Claims
)

// GRPC lets calls pass that carry a valid token of one of the issuers as
// "authorization: Bearer" in their metadata. It panics on a bad Config, at
// start-up, naming every mistake.
//
// The result holds a ChainUnaryInterceptor and a ChainStreamInterceptor, which
// run in the order of the server's options: put interceptors that log or recover
// before them, and those that read the claims behind them. One that is set with
// grpc.UnaryInterceptor or grpc.StreamInterceptor always runs first.
func GRPC(cfg ...Config) []grpc.ServerOption { return Guard(core.MustGuard(cfg...)) }

// Guard is GRPC for a Verifier that is shared, or a Guard with settings of its
// own. It panics on a bad Guard, at start-up, naming every mistake.
//
// A call is judged as a POST to the path of its full method, without a query. A
// FromCookie source therefore judges every call as one that changes something.
func Guard(g core.Guard) []grpc.ServerOption { return Options{}.Guard(g) }

// Require returns nil if the claims of ctx meet every one of reqs. Otherwise a
// method returns the error as it is, and the guard before it answers with its
// code, details and trailer; errors.As finds a *core.Refusal in it. It belongs
// behind GRPC or Guard; without one of them the code is Internal.
func Require(ctx context.Context, reqs ...core.Requirement) error {
	if err := core.Require(ctx, reqs...); err != nil {
		return refused{Refusal: core.RefusalOf(err)}
	}
	return nil
}

// FromContext returns the claims of the call whose context is ctx. ok is false
// if no token was needed and none was sent, or if no guard stands before the
// method. A stream's context is that of its Context method.
func FromContext(ctx context.Context) (c *Claims, ok bool) { return core.FromContext(ctx) }
