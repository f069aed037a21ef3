package jwtmw_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest/adaptertest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp/grpc"
)

// getProof is why rows about proofs that pass are those of TestProof.
const getProof = "its proof is for another method and path: a call is a POST of its full method; TestProof has the same for calls"

// exceptions are the rows of the table that say nothing about gRPC. Every other row holds, for a unary call and for a
// stream: a request of HTTP/1.1 is sent on as a call by HTTP/2, whose metadata is the request's header field by field,
// and what comes back is answered as HTTP would.
var exceptions = []adaptertest.Exception{
	{Rows: "C06", Why: "the syntax of HTTP/1.1: HTTP/2 frames the octets of a field, and gRPC's server refuses control characters"},
	{Rows: "T17 a vertical tab after the scheme", Why: "as C06"},
	{Rows: "C02 a line that is folded", Why: "the syntax of HTTP/1.1: HTTP/2 has no lines"},
	{Rows: "C10 OPTIONS", Why: "every call is a POST"},
	{Rows: "C10 a CORS preflight", Why: "every call is a POST"},
	{Rows: "C10 HEAD", Why: "every call is a POST"},
	{Rows: "C10 a slash at the end", Why: "a method is found by its exact name; TestEveryMethodIsGuarded has the names that are none"},
	{Rows: "C10 two slashes", Why: "as C10 a slash at the end"},
	{Rows: "C10 dots in the path", Why: "as C10 a slash at the end"},
	{Rows: "C10 an escaped", Why: "as C10 a slash at the end"},
	{Rows: "C10 upper case", Why: "as C10 a slash at the end"},
	{Rows: "T15 POST to a path that looks like a host", Why: "as C10 a slash at the end; the host is never taken from the path"},
	{Rows: "C03 a query parameter", Why: "a call has no query; TestQuery holds that a guard finds nothing there"},
	{Rows: "C03 a bad token in the query", Why: "as C03 a query parameter"},
	{Rows: "C03 two query parameters", Why: "as C03 a query parameter"},
	{Rows: "C03 an escaped query parameter", Why: "as C03 a query parameter"},
	{Rows: "C03 header and query at once", Why: "as C03 a query parameter"},
	{Rows: "C03 cookie and query at once", Why: "as C03 a query parameter"},
	{Rows: "T18", Why: "as C03 a query parameter"},
	{Rows: "any place: query", Why: "as C03 a query parameter"},
	{Rows: "GET from another site", Why: "every call is a POST, and so one that changes something: it is refused"},
	{Rows: "GET that opens a WebSocket", Why: "HTTP/2 has no Upgrade"},
	{Rows: "a good proof", Why: getProof},
	{Rows: "S75", Why: getProof},
	{Rows: "S11", Why: getProof},
	{Rows: "S53 a proof of POST", Why: getProof},
	{Rows: "S53 a proof of HEAD", Why: getProof},
	{Rows: "S57 an absolute target", Why: getProof},
	{Rows: "S68 a query", Why: getProof},
	{Rows: "S86", Why: getProof},
	{Rows: "S88", Why: getProof},
	{Rows: "S90", Why: getProof},
	{Rows: "S93", Why: getProof},
	{Rows: "S96", Why: getProof},
	{Rows: "a bound opaque token with its proof", Why: getProof},
	{Rows: "S03 a bound token in the query", Why: "as C03 a query parameter"},
	{Rows: "T8", Why: "a client of gRPC sends no trailer"},
	{Rows: "the metadata document", Why: "RFC 9728 is fetched by HTTP: serve it with nethttp"},
	{Rows: "U5 metadata of nothing", Why: "as the metadata document"},
}

// methods are those of newServer.
var methods = map[string]string{"unary": "/jwtmw.test.Adapter/Unary", "stream": "/jwtmw.test.Adapter/Stream"}

func TestAdapter(t *testing.T) {
	for name, method := range methods {
		t.Run(name, func(t *testing.T) {
			adaptertest.TestAdapterExcept(t, func(l net.Listener, routes []adaptertest.Route) error {
				mux := http.NewServeMux()
				for _, route := range routes {
					listener, err := net.Listen("tcp", "127.0.0.1:0") // some rows ask whose address the peer's is
					if err != nil {
						return err
					}
					server := serverOf(route)
					go server.Serve(listener)
					defer server.Stop()
					mux.Handle(route.Path, translator(listener, method))
				}
				return http.Serve(l, mux)
			}, exceptions...)
		})
	}
}

// serverOf is a gRPC server whose every method answers with the JSON of Route.See.
func serverOf(route adaptertest.Route) *grpc.Server {
	options := []grpc.ServerOption{
		grpc.UnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			defer route.Recover()
			return next(ctx, r)
		}),
		grpc.StreamInterceptor(func(server any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			defer route.Recover()
			return next(server, s)
		}),
	}
	if len(route.Configs) > 0 {
		options = append(options, jwtmw.GRPC(route.Configs...)...)
	}
	if route.Guard != nil {
		options = append(options, jwtmw.Guard(*route.Guard)...)
	}
	requirements := slices.Clone(route.Requirements) // a method's own
	return newServer(func(ctx context.Context) (string, error) {
		if len(requirements) > 0 {
			err := jwtmw.Require(ctx, requirements...)
			if err != nil && route.Guard == nil {
				return "", err // gRPC itself tells the client what stands around an error
			}
			if err != nil {
				return "", fmt.Errorf("the service layer of secret-host-17: %w", err)
			}
		}
		claims, ok := jwtmw.FromContext(ctx)
		text, err := json.Marshal(route.See(claims, ok, nil, ctx))
		return string(text), err
	}, options...)
}

// newServer serves jwtmw.test.Adapter, without generated code: Unary and Stream answer what see returns.
func newServer(see func(context.Context) (string, error), options ...grpc.ServerOption) *grpc.Server {
	server := grpc.NewServer(options...)
	unary := func(_ any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		in := new(emptypb.Empty)
		if err := decode(in); err != nil {
			return nil, err
		}
		answer := func(ctx context.Context, _ any) (any, error) {
			text, err := see(ctx)
			if err != nil {
				return nil, err
			}
			return wrapperspb.String(text), nil
		}
		if interceptor == nil {
			return answer(ctx, in)
		}
		return interceptor(ctx, in, &grpc.UnaryServerInfo{FullMethod: "/jwtmw.test.Adapter/Unary"}, answer)
	}
	stream := func(_ any, s grpc.ServerStream) error {
		if err := s.RecvMsg(new(emptypb.Empty)); err != nil {
			return err
		}
		text, err := see(s.Context())
		if err != nil {
			return err
		}
		return s.SendMsg(wrapperspb.String(text))
	}
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "jwtmw.test.Adapter", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Unary", Handler: unary}},
		Streams: []grpc.StreamDesc{{StreamName: "Stream", Handler: stream, ServerStreams: true, ClientStreams: true}},
	}, struct{}{})
	return server
}

// translator makes a call of each request. The client is net/http's, which sends fields that gRPC's own refuses to.
func translator(listener net.Listener, method string) http.Handler {
	address := listener.Addr()
	client := http2Client(func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, address.Network(), address.String())
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := r.Header.Clone()
		for _, name := range []string{"Connection", "Content-Length", "Content-Type"} {
			header.Del(name) // the connection's and the body's own
		}
		got, err := call(r.Context(), client, r.Host, method, header)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		got.write(w)
	})
}

func http2Client(dial func(context.Context) (net.Conn, error)) *http.Client {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: &http.Transport{
		Protocols:   &protocols,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
	}}
}

// called is what came back of a call.
type called struct {
	code    codes.Code
	message string
	trailer http.Header
	info    *errdetails.ErrorInfo // nil where there is none
	retry   *errdetails.RetryInfo
	body    string
}

// call sends an empty message to a method.
func call(ctx context.Context, client *http.Client, host, method string, header http.Header) (called, error) {
	empty := make([]byte, 5) // a message of no octets, not compressed
	target := &url.URL{Scheme: "http", Host: "bufconn.test", Opaque: method}
	r := (&http.Request{Method: "POST", URL: target, Host: host, Header: header, Body: io.NopCloser(bytes.NewReader(empty))}).WithContext(ctx)
	r.Header.Set("Content-Type", "application/grpc")
	r.Header.Set("Te", "trailers")
	response, err := client.Do(r)
	if err != nil {
		return called{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return called{}, err
	}
	got := called{trailer: response.Trailer}
	if response.Header.Get("Grpc-Status") != "" {
		got.trailer = response.Header // nothing but a trailer was sent
	}
	code, err := strconv.Atoi(got.trailer.Get("Grpc-Status"))
	if err != nil {
		return called{}, err
	}
	got.code = codes.Code(code)
	if got.message, err = url.PathUnescape(got.trailer.Get("Grpc-Message")); err != nil {
		return called{}, err
	}
	if err := got.readDetails(); err != nil {
		return called{}, err
	}
	if len(body) >= 5 {
		var text wrapperspb.StringValue
		size := binary.BigEndian.Uint32(body[1:])
		if err := proto.Unmarshal(body[5:5+size], &text); err != nil {
			return called{}, err
		}
		got.body = text.Value
	}
	return got, nil
}

func (c *called) readDetails() error {
	encoded := c.trailer.Get("Grpc-Status-Details-Bin")
	if encoded == "" {
		return nil
	}
	octets, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil {
		return err
	}
	var p rpcstatus.Status
	if err := proto.Unmarshal(octets, &p); err != nil {
		return err
	}
	for _, detail := range status.FromProto(&p).Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			c.info = detail
		case *errdetails.RetryInfo:
			c.retry = detail
		}
	}
	return nil
}

// statuses are the codes of this package as HTTP counts.
var statuses = map[codes.Code]int{
	codes.OK:               http.StatusOK,
	codes.InvalidArgument:  http.StatusBadRequest,
	codes.Unauthenticated:  http.StatusUnauthorized,
	codes.PermissionDenied: http.StatusForbidden,
	codes.Internal:         http.StatusInternalServerError,
	codes.Unavailable:      http.StatusServiceUnavailable,
}

// write answers as HTTP would have.
func (c called) write(w http.ResponseWriter) {
	for _, name := range []string{"Www-Authenticate", "Retry-After"} {
		for _, value := range c.trailer.Values(name) {
			w.Header().Add(name, value)
		}
	}
	code, known := statuses[c.code]
	switch {
	case !known:
		http.Error(w, fmt.Sprintf("got code %v, want one that stands for a refusal", c.code), http.StatusBadGateway)
	case code == http.StatusOK:
		io.WriteString(w, c.body)
	case c.info == nil || c.info.Domain != "jwtmw" || (c.retry != nil) != (c.code == codes.Unavailable):
		http.Error(w, fmt.Sprintf("got ErrorInfo %v and RetryInfo %v", c.info, c.retry), http.StatusBadGateway)
	default:
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": http.StatusText(code), "status": code,
			"detail": c.message, "reason": core.Reason(c.info.Reason)})
	}
}
