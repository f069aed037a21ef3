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

// Listen is [Serve] for programs that are no tests. It listens on the one address that is given, such as
// "127.0.0.1:9000", so that a service which is configured once finds the issuer again after it was restarted; its keys are
// new ones then. Default: a free port of 127.0.0.1. The error says why the port could not be opened. The caller closes the
// issuer.
func Listen(address ...string) (*Issuer, error) {
	if len(address) > 1 {
		return nil, fmt.Errorf("jwttest: listen: got %d addresses, want one", len(address))
	}
	at := "127.0.0.1:0"
	if len(address) == 1 {
		at = address[0]
	}
	listener, err := net.Listen("tcp", at)
	if err != nil {
		return nil, fmt.Errorf("jwttest: listen: %w", err)
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
