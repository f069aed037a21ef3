package oteltrace_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// Each of these fails as it does in the field: at a loopback address, in the
// resolver, or on disk.
func TestErrorType(t *testing.T) {
	at := func(url string, transport http.RoundTripper) core.KeySource {
		return core.JWKS{URL: url, Fetch: core.Fetch{Client: &http.Client{Transport: transport}}}
	}
	answering := func(fault jwttest.Fault) core.KeySource {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(fault)
		return core.JWKS{URL: issuer.JWKSURL(), Fetch: core.Fetch{Client: issuer.Client(), Timeout: time.Minute}}
	}
	hanging := jwttest.NewIssuer("")
	hanging.Misbehave(jwttest.Hang())
	missing := filepath.Join(t.TempDir(), "jwks.json")
	for _, test := range []struct {
		name string
		keys core.KeySource
		want string
	}{
		{"timeout", core.JWKS{URL: hanging.JWKSURL(), Fetch: core.Fetch{Client: hanging.Client(), Timeout: 10 * time.Millisecond}}, "timeout"},
		{"timeout of the client", at("https://issuer.test/", failing{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}}), "timeout"},
		{"name that nobody resolves", at("https://issuer.test/", unresolved()), "dns"},
		{"nobody listens", at(nobody(t), &http.Transport{}), "connection"},
		{"certificate that nobody trusts", at(untrusted(t), &http.Transport{}), "certificate"},
		{"no file", core.JWKSFile(missing), "file"},
		{"status", answering(jwttest.Fail(500)), "_OTHER"},
		{"redirect", answering(jwttest.Redirect("https://mallory.test/")), "_OTHER"},
		{"no key set", answering(jwttest.HTML()), "_OTHER"},
		{"answer that is cut off", answering(jwttest.Truncate()), "_OTHER"},
		{"an error that nobody knows", at("https://issuer.test/", failing{errors.New("out of cheese")}), "_OTHER"},
	} {
		t.Run(test.name, func(t *testing.T) {
			meter, metrics := newMeter(t, 0)
			told := make(chan error, 1)
			v, err := core.New(core.Config{Issuer: "i", Audiences: []string{"a"}, Keys: test.keys, Trace: &core.Trace{
				KeysFetched: func(f core.KeyFetch) {
					f.Duration = 0
					metrics.Trace().KeysFetched(f)
					told <- f.Err
				},
			}})
			if err != nil {
				t.Fatal(err)
			}
			if err := v.Ready(t.Context()); err == nil {
				t.Fatal("got keys, want a failure")
			}
			t.Log(<-told)
			meter.want(t, "jwtmw.", map[string]string{"jwtmw.key.fetch.duration s error.type=" + test.want + " jwtmw.issuer=i": "1 in 0"})
		})
	}
}

// failing is a RoundTripper whose every request ends in err.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// unresolved is a transport whose resolver finds no server.
func unresolved() http.RoundTripper {
	dialer := net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name server")
	}}}
	return &http.Transport{DialContext: dialer.DialContext}
}

// nobody is the address of a listener that is gone.
func nobody(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	return "http://" + listener.Addr().String() + "/"
}

// untrusted is the address of a server that signed its certificate itself.
func untrusted(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that fails
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}
