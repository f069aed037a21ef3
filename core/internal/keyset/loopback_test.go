package keyset

import (
	"compress/gzip"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// realIssuer is a server on a loopback socket that counts its open connections.
type realIssuer struct {
	*httptest.Server
	open, requests atomic.Int64
}

func newRealIssuer(t *testing.T, start func(*httptest.Server), handler http.HandlerFunc) *realIssuer {
	t.Helper()
	i := new(realIssuer)
	i.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.requests.Add(1)
		handler(w, r)
	}))
	i.Config.ErrorLog = log.New(io.Discard, "", 0)
	i.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			i.open.Add(1)
		case http.StateClosed, http.StateHijacked:
			i.open.Add(-1)
		}
	}
	start(i.Server)
	t.Cleanup(i.Close)
	return i
}

// settle returns when connections and goroutines are back to where they were; the test's own deadline is its limit.
func (i *realIssuer) settle(goroutines int) {
	for i.open.Load() > 0 || runtime.NumGoroutine() > goroutines {
		runtime.Gosched()
	}
}

func TestLoopbackFaults(t *testing.T) {
	document := kids("a")
	write := func(w io.Writer, text string) bool { _, err := io.WriteString(w, text); return err == nil }
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"good", func(w http.ResponseWriter, _ *http.Request) { write(w, document) }, found},
		{"gzip", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			write(packed, document)
			_ = packed.Close()
		}, found},
		{"B07 endless body", func(w http.ResponseWriter, _ *http.Request) {
			for write(w, strings.Repeat(" ", 1<<16)) {
			}
		}, unavailable},
		{"B07 gzip bomb", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			for write(packed, strings.Repeat(" ", 1<<16)) {
			}
		}, unavailable},
		{"B06 dripping body", func(w http.ResponseWriter, r *http.Request) {
			write(w, document[:1])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, unavailable},
		{"B06 no answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, unavailable},
		{"B05 truncated", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			write(w, document)
		}, unavailable},
		{"B05 connection lost", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := newRealIssuer(t, (*httptest.Server).Start, tt.handler)
			goroutines := runtime.NumGoroutine()
			o := Options{Timeout: 5 * time.Second}
			if strings.HasPrefix(tt.name, "B06") {
				o.Timeout = 50 * time.Millisecond // it must end; when is the concern of the tests in a bubble
			}
			s := JWKS(i.URL, o)
			key, _, err := s.Key(context.Background(), "a", true, jws.ES256)
			if got := verdict(key, err); got != tt.want {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
			i.settle(goroutines)
		})
	}
}

func TestB08LoopbackRedirectIsNotFollowed(t *testing.T) {
	elsewhere := newRealIssuer(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, kids("a")) })
	i := newRealIssuer(t, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusFound)
	})
	goroutines := runtime.NumGoroutine()
	follow := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	for name, client := range map[string]*http.Client{"default": nil, "a client that follows": follow} {
		if got, _ := ask(JWKS(i.URL, Options{Client: client}), "a"); got != unavailable {
			t.Errorf("%s: got %s, want %s", name, got, unavailable)
		}
	}
	if got := elsewhere.requests.Load(); got != 0 {
		t.Errorf("got %d requests elsewhere, want 0", got)
	}
	i.settle(goroutines)
}

func TestLoopbackTLS(t *testing.T) {
	i := newRealIssuer(t, (*httptest.Server).StartTLS, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, kids("a")) })
	trusting := i.Client() // knows the server's certificate, as a cluster CA would be known
	goroutines := runtime.NumGoroutine()
	if got, _ := ask(JWKS(i.URL, Options{}), "a"); got != unavailable || i.requests.Load() != 0 {
		t.Errorf("unknown authority: got %s and %d requests, want %s and none", got, i.requests.Load(), unavailable)
	}
	if got, _ := ask(JWKS(i.URL, Options{Client: trusting}), "a"); got != found {
		t.Errorf("known authority: got %s, want %s", got, found)
	}
	i.settle(goroutines)
}

func TestLoopbackDiscoveryLeavesNothingBehind(t *testing.T) {
	var i *realIssuer
	i = newRealIssuer(t, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/jwks" {
			_, _ = io.WriteString(w, kids("a"))
			return
		}
		_, _ = io.WriteString(w, `{"issuer":"`+i.URL+`","jwks_uri":"`+i.URL+`/jwks"}`)
	})
	goroutines := runtime.NumGoroutine()
	s := Discovery(i.URL, "", Options{})
	for range 10 {
		if got, _ := ask(s, "a"); got != found {
			t.Fatalf("got %s, want %s (%s)", got, found, s.Stats().LastError)
		}
		_, _ = ask(s, "x")
	}
	i.settle(goroutines)
	if got := i.requests.Load(); got != 4 {
		t.Errorf("got %d requests, want 4: two documents at first, two for the unknown kid", got)
	}
}
