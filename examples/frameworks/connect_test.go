package frameworks

import (
	"errors"
	"net/http"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/jwtmw/jwtmw/core"
)

func startConnect(t *testing.T, g core.Guard) service { return connectService(t, g) }

func startConnectWeb(t *testing.T, g core.Guard) service {
	return connectService(t, g, connect.WithGRPCWeb())
}

func connectService(t *testing.T, g core.Guard, options ...connect.ClientOption) service {
	url := serve(t, Orders(g))
	owner := connect.NewClient[emptypb.Empty, wrapperspb.StringValue](http.DefaultClient, url+OwnerProcedure, options...)
	ping := connect.NewClient[emptypb.Empty, emptypb.Empty](http.DefaultClient, url+PingProcedure, options...)
	return service{
		scoped: func(tokens ...string) answer {
			response, err := owner.CallUnary(t.Context(), emptyRequest(tokens))
			if err != nil {
				return connectAnswer(t, err)
			}
			return answer{status: http.StatusOK, subject: response.Msg.GetValue()}
		},
		any: func(tokens ...string) answer {
			if _, err := ping.CallUnary(t.Context(), emptyRequest(tokens)); err != nil {
				return connectAnswer(t, err)
			}
			return answer{status: http.StatusOK}
		},
	}
}

func startConnectStream(t *testing.T, g core.Guard) service {
	client := connect.NewClient[emptypb.Empty, wrapperspb.StringValue](http.DefaultClient, serve(t, Orders(g))+WatchProcedure)
	return service{scoped: func(tokens ...string) answer {
		stream, err := client.CallServerStream(t.Context(), emptyRequest(tokens))
		if err != nil {
			return connectAnswer(t, err)
		}
		defer stream.Close()
		if !stream.Receive() {
			return connectAnswer(t, stream.Err())
		}
		return answer{status: http.StatusOK, subject: stream.Msg().GetValue()}
	}}
}

func emptyRequest(tokens []string) *connect.Request[emptypb.Empty] {
	request := connect.NewRequest(&emptypb.Empty{})
	bear(request.Header(), tokens)
	return request
}

func connectAnswer(t *testing.T, err error) answer {
	t.Helper()
	failed, ok := errors.AsType[*connect.Error](err)
	if !ok {
		t.Fatalf("got error %v, want a *connect.Error", err)
	}
	return answer{
		status:     statusOf(t, failed.Code()),
		challenge:  failed.Meta().Get("WWW-Authenticate"),
		retryAfter: failed.Meta().Get("Retry-After") != "",
	}
}

func TestErrorsOfTheMethod(t *testing.T) {
	own := errors.New("the method's own")
	if got := connectError(own); got != own {
		t.Errorf("connect: got %v, want %v", got, own)
	}
	if got := humaError(own); got != own {
		t.Errorf("huma: got %v, want %v", got, own)
	}
	var nobody *core.Refusal
	if got := connect.CodeOf(connectError(nobody)); got != connect.CodeInternal {
		t.Errorf("connect, a nil refusal: got code %v, want %v", got, connect.CodeInternal)
	}
	if got := humaError(nobody).(humaRefusal).GetStatus(); got != http.StatusInternalServerError {
		t.Errorf("huma, a nil refusal: got status %d, want 500", got)
	}
}

// statusOf is a code as HTTP counts.
func statusOf(t *testing.T, code connect.Code) int {
	t.Helper()
	statuses := map[connect.Code]int{
		connect.CodeInvalidArgument:  http.StatusBadRequest,
		connect.CodeUnauthenticated:  http.StatusUnauthorized,
		connect.CodePermissionDenied: http.StatusForbidden,
		connect.CodeInternal:         http.StatusInternalServerError,
		connect.CodeUnavailable:      http.StatusServiceUnavailable,
	}
	known, ok := statuses[code]
	if !ok {
		t.Errorf("got code %v, want one that stands for a refusal", code)
	}
	return known
}
