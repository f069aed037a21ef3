package jwttest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Client returns a new client that reaches the issuer without a socket. It follows redirects, as clients do unless
// they are told not to.
func (i *Issuer) Client() *http.Client { return &http.Client{Transport: i} }

// RoundTrip answers a request as a server on the issuer's address would, without a socket: the body streams, the
// request's context ends it at any time, and nothing waits for anything but that context, the reader of the body and
// timers. A request to another scheme, host or port is recorded and fails, as if that host did not exist.
//
// The handler runs in a goroutine that ends before RoundTrip returns an error, and before the body's Close returns.
// So a [Fault] must end when its request's context does. There is no transparent decompression.
func (i *Issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	sent, err := bodyOf(r)
	if err != nil {
		return nil, err
	}
	if err := context.Cause(r.Context()); err != nil {
		return nil, err
	}
	if !i.hasOriginOf(r.URL) {
		i.traffic.record("", r)
		return nil, fmt.Errorf("jwttest: got a request to %.64q, only %s is served", r.URL.Scheme+"://"+r.URL.Host, i.base)
	}
	x := newExchange(r, sent)
	go x.run(i)
	select {
	case <-x.answered:
	case <-x.ctx.Done():
	}
	// Where an answer and the end of the context come together, the context wins: tests must not depend on luck.
	if err := context.Cause(r.Context()); err != nil {
		<-x.done
		return nil, err
	}
	<-x.answered
	if x.response == nil {
		<-x.done
		return nil, x.err
	}
	return x.response, nil
}

// maxRequestBody bounds the body of a request. A form with a token is far smaller.
const maxRequestBody = 1 << 20

// bodyOf reads and closes the body of a request, which a RoundTripper must do before it returns.
func bodyOf(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	return io.ReadAll(http.MaxBytesReader(nil, r.Body, maxRequestBody))
}

func (i *Issuer) hasOriginOf(u *url.URL) bool {
	return strings.EqualFold(u.Scheme, i.base.Scheme) && strings.EqualFold(u.Host, i.base.Host)
}

// body is what the client reads. Closing it ends the handler.
type body struct {
	*io.PipeReader
	exchange *exchange
}

func (b *body) Close() error {
	b.PipeReader.Close()
	b.exchange.cancel()
	<-b.exchange.done
	return nil
}
