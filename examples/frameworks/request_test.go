package frameworks

import (
	"context"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/jwtmw/jwtmw/core"
)

// called is what a guard sees of the connection.
type called struct {
	path, host  string
	tls, onLoop bool
}

func look(r core.Request) called {
	return called{r.Path(), r.Host(), r.TLS() != nil, r.RemoteAddr().Addr().IsLoopback()}
}

func TestConnectRequest(t *testing.T) {
	var got called
	saw := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, r connect.AnyRequest) (connect.AnyResponse, error) {
			got = look(connectRequest{r.HTTPMethod(), r.Spec(), r.Peer(), r.Header()})
			return next(ctx, r)
		}
	})
	server := httptest.NewServer(connect.NewUnaryHandler(PingProcedure, ping, connect.WithInterceptors(saw)))
	defer server.Close()
	client := connect.NewClient[emptypb.Empty, emptypb.Empty](server.Client(), server.URL+PingProcedure)
	if _, err := client.CallUnary(t.Context(), emptyRequest(nil)); err != nil {
		t.Fatal(err)
	}
	if want := (called{PingProcedure, server.Listener.Addr().String(), false, true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
