package jwttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// exchange is one request without a socket: the handler's http.ResponseWriter on one side, the client's response on
// the other. The handler's goroutine writes every field that is not set by newExchange.
type exchange struct {
	request *http.Request // the client's, whose body was read
	sent    []byte        // that body
	ctx     context.Context
	cancel  context.CancelFunc
	header  http.Header
	reader  *io.PipeReader
	writer  *io.PipeWriter

	answered chan struct{}  // closed when response or err is set
	response *http.Response // nil if the connection broke before a status line
	err      error
	missing  int64 // bytes of the body that Content-Length still promises, -1 if it promises nothing
	done     chan struct{}
}

func newExchange(r *http.Request, sent []byte) *exchange {
	x := &exchange{
		request:  r,
		sent:     sent,
		header:   http.Header{},
		answered: make(chan struct{}),
		done:     make(chan struct{}),
	}
	x.ctx, x.cancel = context.WithCancel(r.Context())
	x.reader, x.writer = io.Pipe()
	return x
}

func (x *exchange) run(handler http.Handler) {
	defer close(x.done)
	defer x.cancel()
	// Releases a handler that writes what nobody reads any more.
	released := make(chan struct{})
	stop := context.AfterFunc(x.ctx, func() {
		defer close(released)
		x.writer.CloseWithError(context.Cause(x.ctx))
	})
	defer func() {
		if !stop() {
			<-released
		}
	}()
	defer func() { x.finish(recover()) }()

	r := x.request.Clone(x.ctx)
	r.Body = io.NopCloser(bytes.NewReader(x.sent))
	r.RequestURI = r.URL.RequestURI()
	r.RemoteAddr = "127.0.0.1:0"
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	handler.ServeHTTP(x, r)
}

// finish ends the body as a connection would. A handler that panics with http.ErrAbortHandler breaks the connection.
func (x *exchange) finish(panicked any) {
	if panicked == nil {
		x.WriteHeader(http.StatusOK)
	}
	err := x.ending(panicked)
	if x.response == nil {
		x.err = err
		close(x.answered)
	}
	x.writer.CloseWithError(err)
}

func (x *exchange) ending(panicked any) error {
	switch cause := context.Cause(x.ctx); {
	case cause != nil:
		return cause
	case panicked == http.ErrAbortHandler:
		return fmt.Errorf("jwttest: the issuer broke the connection: %w", io.ErrUnexpectedEOF)
	case panicked != nil:
		return fmt.Errorf("jwttest: the handler panicked: %v", panicked)
	case x.missing > 0 && !x.bodiless():
		return io.ErrUnexpectedEOF
	}
	return io.EOF
}

// Header implements http.ResponseWriter.
func (x *exchange) Header() http.Header { return x.header }

// WriteHeader implements http.ResponseWriter. The first call hands the response to the client.
func (x *exchange) WriteHeader(status int) {
	if x.response != nil || status < http.StatusOK {
		return
	}
	header := x.header.Clone()
	if header.Get("Date") == "" {
		header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	length, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
	if err != nil || length < 0 {
		length = -1
	}
	x.missing = length
	x.response = &http.Response{
		Status:        strconv.Itoa(status) + " " + http.StatusText(status),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          &body{x.reader, x},
		ContentLength: length,
		Request:       x.request,
	}
	close(x.answered)
}

// Write implements http.ResponseWriter. It waits for the client to read.
func (x *exchange) Write(p []byte) (int, error) {
	x.WriteHeader(http.StatusOK)
	if x.bodiless() {
		return len(p), nil
	}
	if x.missing >= 0 && int64(len(p)) > x.missing {
		return 0, http.ErrContentLength
	}
	n, err := x.writer.Write(p)
	if x.missing >= 0 {
		x.missing -= int64(n)
	}
	return n, err
}

// Flush implements http.Flusher.
func (x *exchange) Flush() { x.WriteHeader(http.StatusOK) }

// bodiless reports whether the response has no body whatever the handler writes (RFC 9110, section 6.4.1).
func (x *exchange) bodiless() bool {
	return x.request.Method == http.MethodHead ||
		x.response.StatusCode == http.StatusNoContent || x.response.StatusCode == http.StatusNotModified
}
