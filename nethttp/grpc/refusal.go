package jwtmw

import (
	"errors"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/jwtmw/jwtmw/core"
)

// errorDomain is the domain of the ErrorInfo, which tells its reasons from those
// of others.
const errorDomain = "jwtmw"

// refused is a Refusal that gRPC, and every interceptor that asks for an error's
// code, understands. Its text is the Refusal's, which is safe for clients.
type refused struct {
	*core.Refusal
	answered bool // the trailer is set
}

// Unwrap lets errors.As find the Refusal.
func (r refused) Unwrap() error { return r.Refusal }

// GRPCStatus is what package status looks for.
func (r refused) GRPCStatus() *status.Status {
	plain := status.New(codeOf(r.Status), r.Error())
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: string(r.Reason), Domain: errorDomain}}
	if r.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(r.RetryAfter)})
	}
	detailed, err := plain.WithDetails(details...)
	if err != nil {
		return plain // the reason of a core.Func is no UTF-8
	}
	return detailed
}

func codeOf(status int) codes.Code {
	switch status {
	case http.StatusBadRequest:
		return codes.InvalidArgument
	case http.StatusUnauthorized:
		return codes.Unauthenticated
	case http.StatusForbidden:
		return codes.PermissionDenied
	case http.StatusServiceUnavailable:
		return codes.Unavailable
	}
	return codes.Internal
}

// answer translates a refusal, by the guard or by the method's own Require, and
// leaves every other error alone. The headers that the refusal needs become the
// call's trailer.
func answer(err error, setTrailer func(metadata.MD)) error {
	if _, is := errors.AsType[*core.Refusal](err); !is {
		return err
	}
	// Two guards may stand one inside the other; the inner one has answered.
	if r, own := err.(refused); own && r.answered {
		return err
	}
	refusal := core.RefusalOf(err) // of status 500 where a method returned a nil one
	trailer := metadata.MD{}
	refusal.SetHeaders(func(name, value string) { trailer.Set(name, value) })
	setTrailer(trailer)
	return refused{refusal, true}
}
