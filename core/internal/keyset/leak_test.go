package keyset

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// peer accepts connections and does with them what no issuer does.
type peer struct {
	net.Listener
	open, accepted atomic.Int64
}

// newPeer calls serve for each connection, and keeps it open until the other side closes it.
func newPeer(t *testing.T, serve func(net.Conn)) *peer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	p := &peer{Listener: listener}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.accepted.Add(1)
			p.open.Add(1)
			go func() {
				serve(conn)
				_, _ = io.Copy(io.Discard, conn)
				_ = conn.Close()
				p.open.Add(-1)
			}()
		}
	}()
	return p
}

// settle returns when connections and goroutines are back to where they were; the test's own deadline is its limit.
func (p *peer) settle(goroutines int) {
	for p.open.Load() > 0 || runtime.NumGoroutine() > goroutines {
		runtime.Gosched()
	}
}

// forever writes text until the connection ends.
func forever(text string) func(net.Conn) {
	return func(conn net.Conn) {
		for {
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
		}
	}
}

// answering reads a request and answers text.
func answering(text string, then func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
			return
		}
		if _, err := io.WriteString(conn, text); err != nil {
			return
		}
		then(conn)
	}
}

// over speaks TLS as far as the handshake, with one protocol.
func over(config *tls.Config, protocol string, then func(net.Conn)) func(net.Conn) {
	config = config.Clone()
	config.NextProtos = []string{protocol}
	return func(conn net.Conn) {
		secured := tls.Server(conn, config)
		if secured.Handshake() == nil {
			then(secured)
		}
	}
}

// K1: no peer keeps a connection or a goroutine of ours longer than one refresh takes.
func TestK1PeersLeaveNothingBehind(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	config, authority := server.TLS, x509.NewCertPool()
	authority.AddCert(server.Certificate())
	server.Close()

	silent := func(net.Conn) {}
	good := kids("a")
	head := "HTTP/1.1 200 OK\r\n"
	settings := "\x00\x00\x00\x04\x00\x00\x00\x00\x00" // an empty frame of that type, RFC 9113 section 6.5
	tests := []struct {
		name, scheme string
		serve        func(net.Conn)
		want         string
	}{
		{"says nothing", "http", silent, unavailable},
		{"never answers the handshake", "https", silent, unavailable},
		{"talks instead of a handshake", "https", forever("\x16\x03\x01\x40\x00"), unavailable},
		{"says nothing after the handshake", "https", over(config, "http/1.1", silent), unavailable},
		{"says nothing in HTTP/2", "https", over(config, "h2", silent), unavailable},
		{"greets in HTTP/2 and says nothing", "https", over(config, "h2", func(conn net.Conn) { _, _ = io.WriteString(conn, settings) }), unavailable},
		{"greets in HTTP/2 for ever", "https", over(config, "h2", forever(settings)), unavailable},
		{"keeps the connection", "http", answering(head+fmt.Sprintf("Content-Length: %d\r\nConnection: keep-alive\r\n\r\n", len(good))+good, silent), found},
		{"talks on after its answer", "http", answering(head+fmt.Sprintf("Content-Length: %d\r\n\r\n", len(good))+good, forever("more")), found},
		{"switches protocols", "http", answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", silent), unavailable},
		{"continues for ever", "http", answering("", forever("HTTP/1.1 100 Continue\r\n\r\n")), unavailable},
		{"header without end", "http", answering(head, forever("X: "+strings.Repeat("x", 1000)+"\r\n")), unavailable},
		{"header that stops", "http", answering(head+"X: ", silent), unavailable},
		{"body that stops", "http", answering(head+"Content-Length: 100000\r\n\r\n{", silent), unavailable},
		{"answers before it is asked", "http", forever(head + "\r\n"), unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeer(t, tt.serve)
			goroutines := runtime.NumGoroutine()
			var fetches sync.WaitGroup
			for range 20 {
				// When it ends is the concern of tests in a bubble. A good answer must not race with it.
				o := Options{Timeout: 50 * time.Millisecond}
				if tt.want == found {
					o.Timeout = 0
				}
				fetches.Go(func() {
					s := JWKS(tt.scheme+"://"+p.Addr().String(), o).(*remote)
					s.getter.own.tls = &tls.Config{RootCAs: authority}
					if got, _ := ask(s, "a"); got != tt.want {
						t.Errorf("got %s (%s), want %s", got, s.Stats().LastError, tt.want)
					}
				})
			}
			fetches.Wait()
			p.settle(goroutines)
			if p.accepted.Load() == 0 {
				t.Error("got no connection at all")
			}
		})
	}
}

// K1: nor does a peer that speaks HTTP/2.
func TestK1HTTP2LeavesNothingBehind(t *testing.T) {
	start := func(s *httptest.Server) {
		s.EnableHTTP2 = true
		s.StartTLS()
	}
	i := newRealIssuer(t, start, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 {
			_, _ = io.WriteString(w, kids("a"))
		}
	})
	authority := x509.NewCertPool()
	authority.AddCert(i.Certificate())
	goroutines := runtime.NumGoroutine()
	for range 20 {
		s := JWKS(i.URL, Options{}).(*remote)
		s.getter.own.tls = &tls.Config{RootCAs: authority}
		if got, _ := ask(s, "a"); got != found {
			t.Errorf("got %s (%s), want %s", got, s.Stats().LastError, found)
		}
	}
	i.settle(goroutines)
}

// K1: what net/http would wait for without us, or for longer.
func TestK1OwnTransport(t *testing.T) {
	for _, confined := range []bool{false, true} {
		o := Options{Timeout: 3 * time.Second, Confined: confined}.withDefaults()
		got := newGetter(o).until(time.Now()).client.Transport.(*http.Transport)
		if got == http.DefaultTransport || got.TLSHandshakeTimeout != o.Timeout || got.ResponseHeaderTimeout != o.Timeout || !got.DisableKeepAlives {
			t.Errorf("confined %t: got %+v, want the limits of the refresh and no idle connection", confined, got)
		}
		if got.MaxResponseHeaderBytes != maxHeaderBytes || !got.ForceAttemptHTTP2 || (got.Proxy == nil) != confined {
			t.Errorf("confined %t: got %+v, want a limit on headers, HTTP/2, and a proxy unless confined", confined, got)
		}
	}
}

// K17: the header of an answer is limited like its body.
func TestK17HeaderIsLimited(t *testing.T) {
	for size, want := range map[int]string{16 << 10: found, 128 << 10: unavailable} {
		i := newRealIssuer(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", size))
			_, _ = io.WriteString(w, kids("a"))
		})
		if got, _ := ask(JWKS(i.URL, Options{}), "a"); got != want {
			t.Errorf("a header of %d octets: got %s, want %s", size, got, want)
		}
	}
}
