package adaptertest

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// TestRequest holds the core.Request that an adapter makes of its framework's requests against what stood on the wire.
// Every row is a subtest.
//
// serve answers every request on the listener with status 204, whatever its path, until the listener is closed, and
// calls see with the core.Request first. The framework believes forwarded headers as far as it can be told to. serve is
// called once for a plain listener and once for one of TLS.
func TestRequest(t *testing.T, serve func(l net.Listener, see func(core.Request)) error) {
	plain := startWitness(t, serve, nil)
	for _, row := range requestRows {
		t.Run(row.name, func(t *testing.T) {
			for _, problem := range plain.judge(row) {
				t.Error(problem)
			}
		})
	}
	t.Run("C05 a request that is kept", func(t *testing.T) { plain.judgeKept(t) })
	t.Run("the peer of the connection", func(t *testing.T) { plain.judgeConnection(t, false) })
	t.Run("the state of TLS", func(t *testing.T) {
		startWitness(t, serve, &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}, ClientAuth: tls.RequestClientCert}).judgeConnection(t, true)
	})
}

// requestRow is the head of a request and what the adapter must say of it.
type requestRow struct {
	name  string
	head  string // without the blank line at its end
	body  string // behind the blank line
	want  sight  // tls and peer are the connection's
	early bool   // the server itself may have answered, so that there is nothing to see
}

// sight is what a core.Request says, kept as it was given.
type sight struct {
	method, host, path, query string
	headers                   [][]string // of requestNames
	tls                       bool
	certified                 bool // a client certificate came with it
	peer                      netip.AddrPort
}

var requestNames = []string{"Authorization", "Cookie", "X-Late"}

func look(r core.Request) sight {
	s := sight{method: r.Method(), host: r.Host(), path: r.Path(), query: r.Query(), tls: r.TLS() != nil, peer: r.RemoteAddr()}
	s.certified = s.tls && len(r.TLS().PeerCertificates) == 1
	for _, name := range requestNames {
		s.headers = append(s.headers, r.Header(name))
	}
	return s
}

func (s sight) problems(want sight) (p problems) {
	p.addIf(s.method != want.method, "Method: got %q, want %q", s.method, want.method)
	p.addIf(s.host != want.host, "Host: got %q, want %q", s.host, want.host)
	p.addIf(s.path != want.path, "Path: got %q, want %q", s.path, want.path)
	p.addIf(s.query != want.query, "Query: got %q, want %q", s.query, want.query)
	p.addIf(s.tls != want.tls, "TLS: got a state: %v, want %v", s.tls, want.tls)
	p.addIf(s.certified != want.certified, "TLS: got a client certificate: %v, want %v", s.certified, want.certified)
	p.addIf(s.peer != want.peer, "RemoteAddr: got %v, want %v", s.peer, want.peer)
	for i, name := range requestNames {
		var lines []string
		if want.headers != nil {
			lines = want.headers[i]
		}
		p.addIf(!slices.Equal(s.headers[i], lines), "Header(%q): got %q, want %q", name, s.headers[i], lines)
	}
	return p
}

// witness is an app that shows the requests that it gets.
type witness struct {
	listener net.Listener
	tls      *tls.Config // nil: plain

	mu   sync.Mutex // guards seen
	seen []sight
}

func startWitness(t *testing.T, serve func(net.Listener, func(core.Request)) error, config *tls.Config) *witness {
	t.Helper()
	listener, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{listener: listener, tls: config}
	stopped := make(chan struct{})
	t.Cleanup(func() {
		listener.Close()
		<-stopped
	})
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	go func() {
		defer close(stopped)
		defer listener.Close() // so that nobody waits for an app that has given up
		_ = serve(listener, func(r core.Request) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.seen = append(w.seen, look(r))
		})
	}()
	return w
}

func (w *witness) sights() []sight {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

func (w *witness) judge(row requestRow) problems {
	before := len(w.sights())
	conn, err := dial(w.listener.Addr())
	if err != nil {
		return problems{err.Error()}
	}
	defer conn.Close()
	method, _, _ := strings.Cut(row.head, " ")
	if _, err := conn.send(method, row.head+"Connection: close\r\n\r\n"+row.body); err != nil {
		return problems{err.Error()}
	}
	seen := w.sights()[before:]
	if len(seen) != 1 {
		if row.early && len(seen) == 0 {
			return nil
		}
		return problems{fmt.Sprintf("see was called %d times, want once", len(seen))}
	}
	row.want.peer = addrPort(conn.LocalAddr())
	return seen[0].problems(row.want)
}

// judgeKept sends requests on one connection, so that a server that reuses its buffers does so.
func (w *witness) judgeKept(t *testing.T) {
	const head = "%s /%[2]s?%[2]s HTTP/1.1\r\nHost: %[2]s.test\r\nAuthorization: %[2]s\r\nCookie: c=%[2]s\r\nX-Late: %[2]s\r\nContent-Length: 0\r\n\r\n"
	conn, err := dial(w.listener.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	before := len(w.sights())
	for _, request := range [][2]string{{"POST", "first"}, {"HEAD", "other"}, {"HEAD", "third"}} {
		if _, err := conn.send(request[0], fmt.Sprintf(head, request[0], request[1])); err != nil {
			t.Fatal(err)
		}
	}
	want := sight{method: "POST", host: "first.test", path: "/first", query: "first", peer: addrPort(conn.LocalAddr()),
		headers: [][]string{{"first"}, {"c=first"}, {"first"}}}
	for _, problem := range w.sights()[before].problems(want) {
		t.Errorf("after two more requests: %s", problem)
	}
}

// judgeConnection asks over a connection whose every property a header denies.
func (w *witness) judgeConnection(t *testing.T, encrypted bool) {
	conn, err := dial(w.listener.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if encrypted {
		conn = conn.encrypt(&tls.Config{InsecureSkipVerify: true, ServerName: "api.test", Certificates: []tls.Certificate{selfSigned(t)}}) // the certificates are the test's own
	}
	before := len(w.sights())
	scheme := map[bool]string{false: "https", true: "http"}[encrypted]
	if _, err := conn.send("GET", "GET / HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\nX-Forwarded-Proto: "+scheme+
		"\r\nX-Forwarded-Ssl: on\r\nX-Forwarded-For: 192.0.2.1\r\nX-Real-Ip: 192.0.2.1\r\nForwarded: for=192.0.2.1;proto="+scheme+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	want := sight{method: "GET", host: "api.test", path: "/", tls: encrypted, certified: encrypted, peer: addrPort(conn.LocalAddr())}
	for _, seen := range w.sights()[before:] {
		for _, problem := range seen.problems(want) {
			t.Error(problem)
		}
	}
	if n := len(w.sights()) - before; n != 1 {
		t.Errorf("see was called %d times, want once", n)
	}
}

func addrPort(addr net.Addr) netip.AddrPort {
	parsed, _ := netip.ParseAddrPort(addr.String()) // of a TCP connection
	return parsed
}

// selfSigned is a certificate that nobody trusts, of an issuer's key.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key := jwttest.NewIssuer("")
	der, err := newCertificate(key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key.PrivateKey("ES256")}
}
