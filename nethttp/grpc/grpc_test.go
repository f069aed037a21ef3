package jwtmw_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp/grpc"
)

// connect serves in memory and returns gRPC's own client.
func connect(t *testing.T, server *grpc.Server) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Serve(listener)
	}()
	conn, err := grpc.NewClient("passthrough:bufconn", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		server.Stop()
		<-served
	})
	return conn
}

func bearing(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// invoke calls a method of newServer, as a stream if it is one.
func invoke(ctx context.Context, conn *grpc.ClientConn, method string) (text string, trailer metadata.MD, err error) {
	var out wrapperspb.StringValue
	if method != methods["stream"] {
		err = conn.Invoke(ctx, method, &emptypb.Empty{}, &out, grpc.Trailer(&trailer))
		return out.Value, trailer, err
	}
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method)
	if err != nil {
		return "", nil, err
	}
	// EOF: the server has answered already, and RecvMsg has what.
	if err := stream.SendMsg(&emptypb.Empty{}); err != nil && err != io.EOF {
		return "", nil, err
	}
	if err := stream.CloseSend(); err != nil {
		return "", nil, err
	}
	err = stream.RecvMsg(&out)
	return out.Value, stream.Trailer(), err
}

func subject(ctx context.Context) (string, error) {
	claims, ok := jwtmw.FromContext(ctx)
	if !ok {
		return "nobody", nil
	}
	return claims.Subject, nil
}

// What gRPC's own client makes of an answer.
func TestAnswers(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	down := jwttest.NewIssuer("https://down.test")
	down.Misbehave(jwttest.Fail(500))
	see := func(ctx context.Context) (string, error) {
		if err := jwtmw.Require(ctx, core.Scope("orders:read")); err != nil {
			return "", err
		}
		return subject(ctx)
	}
	twice := func(ctx context.Context) context.Context {
		return bearing(bearing(ctx, issuer.Token(nil)), issuer.Token(nil))
	}
	with := func(token string) func(context.Context) context.Context {
		return func(ctx context.Context) context.Context { return bearing(ctx, token) }
	}
	tests := []struct {
		name      string
		call      func(context.Context) context.Context
		code      codes.Code
		reason    core.Reason
		challenge string
		retry     bool
	}{
		{"a good token", with(issuer.Token(map[string]any{"scope": "orders:read"})), codes.OK, "", "", false},
		{"no token", func(ctx context.Context) context.Context { return ctx }, codes.Unauthenticated, core.ReasonNoToken, "Bearer", false},
		{"an expired token", with(issuer.Token(map[string]any{"exp": 1})), codes.Unauthenticated, core.ReasonExpired,
			`Bearer error="invalid_token", error_description="the token has expired"`, false},
		{"two tokens", twice, codes.InvalidArgument, core.ReasonMultipleTokens,
			`Bearer error="invalid_request", error_description="the request carries more than one token"`, false},
		{"a missing scope", with(issuer.Token(nil)), codes.PermissionDenied, core.ReasonInsufficientScope,
			`Bearer error="insufficient_scope", error_description="the token does not grant a required scope", scope="orders:read"`, false},
		{"keys that cannot be had", with(down.Token(nil)), codes.Unavailable, core.ReasonKeysUnavailable, "", true},
	}
	conn := connect(t, newServer(see, jwtmw.GRPC(issuer.Config(), down.Config())...))
	for kind, method := range methods {
		for _, test := range tests {
			t.Run(kind+"/"+test.name, func(t *testing.T) {
				text, trailer, err := invoke(test.call(t.Context()), conn, method)
				if got := status.Code(err); got != test.code {
					t.Fatalf("got code %v (%v), want %v", got, err, test.code)
				}
				if got := strings.Join(trailer.Get("www-authenticate"), "|"); got != test.challenge {
					t.Errorf("www-authenticate: got %q, want %q", got, test.challenge)
				}
				if test.code == codes.OK {
					if text != jwttest.Subject {
						t.Errorf("got subject %q, want %q", text, jwttest.Subject)
					}
					return
				}
				info, retry := detailsOf(err)
				if info.GetReason() != string(test.reason) || info.GetDomain() != "jwtmw" {
					t.Errorf("ErrorInfo: got %v, want reason %q and domain jwtmw", info, test.reason)
				}
				if got := retry.GetRetryDelay().AsDuration() >= time.Second; got != test.retry {
					t.Errorf("RetryInfo: got %v, want a second at least: %v", retry, test.retry)
				}
				if got := len(trailer.Get("retry-after")) == 1; got != test.retry {
					t.Errorf("retry-after: got %q, want one: %v", trailer.Get("retry-after"), test.retry)
				}
			})
		}
	}
}

func detailsOf(err error) (info *errdetails.ErrorInfo, retry *errdetails.RetryInfo) {
	for _, detail := range status.Convert(err).Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			info = detail
		case *errdetails.RetryInfo:
			retry = detail
		}
	}
	return info, retry
}

// An interceptor that stands outside of the guard, as those that log and count do, sees a code and why.
func TestRefusalIsAnError(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	var got error
	outer := grpc.ChainUnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		response, err := next(ctx, r)
		got = err
		if _, ok := jwtmw.FromContext(ctx); ok {
			t.Error("FromContext outside of the guard: got claims, want none")
		}
		return response, err
	})
	conn := connect(t, newServer(subject, append([]grpc.ServerOption{outer}, jwtmw.GRPC(issuer.Config())...)...))
	invoke(bearing(t.Context(), issuer.Token(map[string]any{"exp": 1})), conn, methods["unary"])
	if refusal, ok := errors.AsType[*core.Refusal](got); !ok || refusal.Reason != core.ReasonExpired {
		t.Errorf("got %v, want a *core.Refusal with reason expired", got)
	}
	if status.Code(got) != codes.Unauthenticated || !errors.Is(got, core.ErrInvalidToken) {
		t.Errorf("got %v with code %v, want core.ErrInvalidToken with Unauthenticated", got, status.Code(got))
	}
}

func TestErrorsOfTheMethod(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	var nobody *core.Refusal
	tests := []struct {
		name, message string
		err           error
		code          codes.Code
	}{
		{"a status", "no such order", status.Error(codes.NotFound, "no such order"), codes.NotFound},
		{"any other error", "own", errors.New("own"), codes.Unknown},
		{"a refusal of core", "the token does not grant a required scope",
			core.Require(core.NewContext(t.Context(), &core.Claims{}), core.Scope("a")), codes.PermissionDenied},
		{"a refusal with the method's words around it", "the token does not grant a required scope",
			fmt.Errorf("secret: %w", jwtmw.Require(core.NewContext(t.Context(), &core.Claims{}), core.Scope("a"))), codes.PermissionDenied},
		{"a nil refusal", "the request could not be judged", nobody, codes.Internal},
	}
	for _, test := range tests {
		for kind, method := range methods {
			t.Run(kind+"/"+test.name, func(t *testing.T) {
				conn := connect(t, newServer(func(context.Context) (string, error) { return "", test.err }, jwtmw.GRPC(issuer.Config())...))
				_, _, err := invoke(bearing(t.Context(), issuer.Token(nil)), conn, method)
				if got := status.Convert(err); got.Code() != test.code || got.Message() != test.message {
					t.Errorf("got %v %q, want %v %q", got.Code(), got.Message(), test.code, test.message)
				}
			})
		}
	}
}

// Two guards in one server ask for two tokens; the one that refuses answers alone.
func TestTwoGuards(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	service := jwtmw.Guard(core.Guard{Verifier: core.MustGuard(issuer.Config()).Verifier, Tokens: []core.TokenSource{core.FromHeader("x-service")}})
	conn := connect(t, newServer(subject, append(service, jwtmw.GRPC(issuer.Config())...)...))
	for kind, method := range methods {
		t.Run(kind, func(t *testing.T) {
			ctx := metadata.AppendToOutgoingContext(t.Context(), "x-service", issuer.Token(map[string]any{"sub": "service"}))
			_, trailer, err := invoke(ctx, conn, method)
			if got := trailer.Get("www-authenticate"); status.Code(err) != codes.Unauthenticated || len(got) != 1 {
				t.Errorf("got %v and challenges %q, want Unauthenticated and one challenge", err, got)
			}
			if text, _, err := invoke(bearing(ctx, issuer.Token(nil)), conn, method); err != nil || text != jwttest.Subject {
				t.Errorf("got %q and %v, want the claims of the inner guard", text, err)
			}
		})
	}
}

// A name that the server does not know, in any spelling, reaches no method, and an UnknownServiceHandler only with a token.
func TestEveryMethodIsGuarded(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	ran := false
	proxy := grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		ran = true
		return nil
	})
	options := jwtmw.Options{Open: []string{"jwtmw.test.Open", "/jwtmw.test.Adapter/Open"}}.Guard(core.MustGuard(issuer.Config()))
	for kind, server := range map[string]*grpc.Server{"plain": newServer(subject, options...), "proxy": newServer(subject, append(options, proxy)...)} {
		listener := bufconn.Listen(1 << 16)
		go server.Serve(listener)
		defer server.Stop()
		client := http2Client(func(ctx context.Context) (net.Conn, error) { return listener.DialContext(ctx) })
		for _, method := range []string{
			"/jwtmw.test.Adapter/unary", "/JWTMW.test.Adapter/Unary", "/jwtmw.test.Adapter//Unary", "/jwtmw.test.Adapter/Unary/",
			"/jwtmw.test.Adapter/./Unary", "/jwtmw.test.Adapter/%55nary", "/jwtmw.test.Adapter%2FUnary", "/jwtmw.test.Adapter/Unary?x", "/jwtmw.test.Open/../jwtmw.test.Adapter/Unary",
			"/jwtmw.test.Adapter/Open/../Unary", "/jwtmw.test.Open", "/Unary", "/",
		} {
			t.Run(kind+" "+method, func(t *testing.T) {
				ran = false
				got, err := call(t.Context(), client, "bufconn.test", method, http.Header{})
				if err != nil {
					t.Fatal(err)
				}
				if got.code != codes.Unauthenticated && got.code != codes.Unimplemented || ran || got.body != "" {
					t.Errorf("got %v with body %q, method ran: %v; want Unauthenticated or Unimplemented, and nothing that ran", got.code, got.body, ran)
				}
			})
		}
	}
}

// A call has no query: what stands behind a question mark is a part of a name that no method has.
func TestQuery(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	guard := core.Guard{Verifier: core.MustGuard(issuer.Config()).Verifier, Tokens: []core.TokenSource{core.InsecureFromQuery("token")}}
	server := newServer(subject, append(jwtmw.Guard(guard), grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error { return nil }))...)
	listener := bufconn.Listen(1 << 16)
	go server.Serve(listener)
	defer server.Stop()
	client := http2Client(func(ctx context.Context) (net.Conn, error) { return listener.DialContext(ctx) })
	got, err := call(t.Context(), client, "bufconn.test", methods["unary"]+"?token="+issuer.Token(nil), http.Header{})
	if err != nil {
		t.Fatal(err)
	}
	if got.code != codes.Unauthenticated || got.info.GetReason() != string(core.ReasonNoToken) {
		t.Errorf("got %v with %v, want Unauthenticated with reason no_token", got.code, got.info)
	}
}
