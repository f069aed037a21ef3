package oteltrace

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
)

// errorType is the value of error.type for a refresh that failed with err, as far
// as the standard library's error types tell. An answer of a wrong status and a
// document that cannot be used have none of their own, and are other.
func errorType(err error) string {
	switch {
	case isTimeout(err): // first: a look-up and a connection time out as well
		return "timeout"
	case is[*tls.CertificateVerificationError](err):
		return "certificate"
	case is[*net.DNSError](err):
		return "dns"
	case is[*net.OpError](err):
		return "connection"
	case is[*fs.PathError](err):
		return "file"
	default:
		return other
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout()
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
