package jwttest

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// Serve returns an issuer that listens on a free port of 127.0.0.1 until the test ends. Its identifier is the address
// it listens on, so that any http.Client finds it. It cannot be used inside a bubble of testing/synctest.
func Serve(t testing.TB) *Issuer {
	t.Helper()
	i, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	return i
}

// Listen is [Serve] for programs that are no tests. The error says why no port could be opened. The caller closes
// the issuer.
func Listen() (*Issuer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("jwttest: listen on loopback: %w", err)
	}
	i := NewIssuer("http://" + listener.Addr().String())
	i.server = &httptest.Server{
		Listener: listener,
		Config:   &http.Server{Handler: i, ReadHeaderTimeout: 10 * time.Second},
	}
	i.server.Start()
	return i, nil
}

// Close ends every fault, closes the listener and all connections, and waits until no request is being answered.
// An issuer without a listener only ends its faults. Closing twice does no harm.
func (i *Issuer) Close() {
	i.Recover()
	if i.server == nil {
		return
	}
	// A client that has stopped reading would otherwise keep its handler, and Close, waiting for ever.
	i.server.CloseClientConnections()
	i.server.Close()
}
