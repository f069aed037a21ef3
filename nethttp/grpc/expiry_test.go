package jwtmw_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp/grpc"
)

// serverOfStream serves one stream, whose handler is given.
func serverOfStream(handler func(grpc.ServerStream) error, options ...grpc.ServerOption) *grpc.Server {
	server := grpc.NewServer(options...)
	server.RegisterService(&grpc.ServiceDesc{ServiceName: "jwtmw.test.Long", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
		StreamName: "Stream", ServerStreams: true, ClientStreams: true,
		Handler: func(_ any, s grpc.ServerStream) error { return handler(s) },
	}}}, struct{}{})
	return server
}

func newStream(ctx context.Context, conn *grpc.ClientConn) (grpc.ClientStream, error) {
	return conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/jwtmw.test.Long/Stream")
}

func TestEndAtExpiry(t *testing.T) {
	const lifetime = time.Hour
	receive := func(s grpc.ServerStream) error { return s.RecvMsg(new(emptypb.Empty)) }
	flood := func(s grpc.ServerStream) error {
		text := wrapperspb.String(strings.Repeat("x", 1<<16))
		for {
			if err := s.SendMsg(text); err != nil {
				return err
			}
		}
	}
	wait := func(s grpc.ServerStream) error {
		<-s.Context().Done()
		return s.Context().Err()
	}
	tests := []struct {
		name    string
		handler func(grpc.ServerStream) error
		client  time.Duration // after which the client gives up; 0: never
		code    codes.Code
		after   time.Duration
	}{
		{"a handler that receives", receive, 0, codes.Unauthenticated, lifetime},
		{"a handler that sends to who does not read", flood, 0, codes.Unauthenticated, lifetime},
		{"a handler that waits", wait, 0, codes.Unauthenticated, lifetime},
		{"a handler that says something else then", func(s grpc.ServerStream) error {
			wait(s)
			return status.Error(codes.NotFound, "own")
		}, 0, codes.Unauthenticated, lifetime},
		{"a handler that ends well then", func(s grpc.ServerStream) error {
			wait(s)
			return nil
		}, 0, codes.OK, lifetime},
		{"a handler that fails before", func(grpc.ServerStream) error { return status.Error(codes.NotFound, "own") }, 0, codes.NotFound, 0},
		{"a handler that receives after the end", func(s grpc.ServerStream) error {
			wait(s)
			if err := receive(s); status.Code(err) != codes.Unauthenticated {
				return nil
			}
			return errors.New("own")
		}, 0, codes.Unauthenticated, lifetime},
		{"a client that gives up", receive, time.Minute, codes.DeadlineExceeded, time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := jwttest.NewIssuer("")
				ended := make(chan struct{})
				handler := func(s grpc.ServerStream) error {
					defer close(ended)
					return test.handler(s)
				}
				guard := core.MustGuard(issuer.Config())
				guard.Realm = "orders"
				conn := connect(t, serverOfStream(handler, jwtmw.Options{EndAtExpiry: true}.Guard(guard)...))
				ctx := bearing(t.Context(), issuer.Token(map[string]any{"exp": time.Now().Add(lifetime)}))
				if test.client > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.client)
					defer cancel()
				}
				begun := time.Now()
				stream, err := newStream(ctx, conn)
				if err != nil {
					t.Fatal(err)
				}
				<-ended
				for err == nil {
					err = stream.RecvMsg(new(wrapperspb.StringValue))
				}
				if got := time.Since(begun); got != test.after {
					t.Errorf("ended after %v, want %v", got, test.after)
				}
				if err.Error() == "EOF" {
					err = nil
				}
				if status.Code(err) != test.code {
					t.Errorf("got %v, want %v", err, test.code)
				}
				if test.code != codes.Unauthenticated {
					return
				}
				const want = `Bearer realm="orders", error="invalid_token", error_description="the token has expired"`
				if got := strings.Join(stream.Trailer().Get("www-authenticate"), "|"); got != want {
					t.Errorf("www-authenticate: got %q, want %q", got, want)
				}
				if info, _ := detailsOf(err); info.GetReason() != string(core.ReasonExpired) {
					t.Errorf("got ErrorInfo %v, want reason expired", info)
				}
			})
		})
	}
}

// Without the option a stream outlives its token.
func TestStreamThatIsNotEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		handler := func(s grpc.ServerStream) error {
			if err := s.RecvMsg(new(emptypb.Empty)); err != nil {
				return err
			}
			return s.SendMsg(wrapperspb.String("still here"))
		}
		conn := connect(t, serverOfStream(handler, jwtmw.GRPC(issuer.Config())...))
		stream, err := newStream(bearing(t.Context(), issuer.Token(map[string]any{"exp": time.Now().Add(time.Minute)})), conn)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := stream.SendMsg(&emptypb.Empty{}); err != nil {
			t.Fatal(err)
		}
		var got wrapperspb.StringValue
		if err := stream.RecvMsg(&got); err != nil || got.Value != "still here" {
			t.Errorf("got %q and %v, want an answer", got.Value, err)
		}
	})
}

// A panic of what stands outside of the guard comes back in the method's goroutine, where an interceptor may recover it.
func TestPanicOfTheStream(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	var recovered any
	recovers := grpc.ChainStreamInterceptor(func(server any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
		defer func() {
			if recovered = recover(); recovered != nil {
				err = status.Error(codes.Internal, "recovered")
			}
		}()
		return next(server, broken{s})
	})
	handler := func(s grpc.ServerStream) error { return s.SendMsg(new(emptypb.Empty)) }
	options := append([]grpc.ServerOption{recovers}, jwtmw.Options{EndAtExpiry: true}.Guard(core.MustGuard(issuer.Config()))...)
	conn := connect(t, serverOfStream(handler, options...))
	stream, err := newStream(bearing(t.Context(), issuer.Token(nil)), conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(new(emptypb.Empty)); status.Convert(err).Message() != "recovered" || recovered != "broken" {
		t.Errorf("got %v and panic %v, want the panic recovered", err, recovered)
	}
}

type broken struct{ grpc.ServerStream }

func (broken) SendMsg(any) error { panic("broken") }
