package keyset

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxHeaderBytes bounds the header of an answer, which MaxBytes does not count. net/http's own limit is 10 MiB.
const maxHeaderBytes = 64 << 10

// transports makes the transports that fetch keys if the user gives no Client.
type transports struct {
	timeout  time.Duration
	confined bool
	tls      *tls.Config // nil: the defaults
	proxy    func(*http.Request) (*url.URL, error)
}

func newTransports(o Options) *transports {
	t := &transports{timeout: o.Timeout, proxy: http.ProxyFromEnvironment, confined: o.Confined}
	// A program that trusts an authority of its own, or has proxies of its own, often says so there.
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		standard = standard.Clone() // which waits for what its first use writes
		t.tls, t.proxy = standard.TLSClientConfig, standard.Proxy
	}
	return t
}

// until returns the transport of one refresh, which dials public addresses alone if it is confined. None of its connections
// outlives deadline, whatever the peer does: net/http's dials and handshakes go on after their request has ended, for the
// sake of a next one, and a peer that says nothing would keep them for ever.
func (t *transports) until(deadline time.Time) *http.Transport {
	dialer := &net.Dialer{Timeout: t.timeout, Deadline: deadline}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			// Nothing in net/http sets another deadline for reading: this one ends a handshake and HTTP/2 alike.
			if err := conn.SetDeadline(deadline); err != nil {
				return nil, errors.Join(err, conn.Close())
			}
			return conn, nil
		},
		TLSHandshakeTimeout:    t.timeout,
		ResponseHeaderTimeout:  t.timeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
		ForceAttemptHTTP2:      true, // which a DialContext of our own would turn off
		DisableKeepAlives:      true, // a dial that comes too late has nobody to wait for
	}
	if t.tls != nil {
		transport.TLSClientConfig = t.tls.Clone() // HTTP/2 adds itself to it
	}
	if t.confined {
		// And no proxy, because a proxy would dial in our place what we must not dial.
		dialer.Control = refuseLocal
	} else {
		transport.Proxy = t.proxy
	}
	return transport
}
