package keyset

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// faults are the ways in which an issuer can fail to give its keys.
func faults() map[string]func(*http.Request) (*http.Response, error) {
	all := map[string]func(*http.Request) (*http.Response, error){
		"B05 500":                 status(500, kids("x")),
		"B05 503":                 status(503, ""),
		"B05 404":                 status(404, kids("x")),
		"B05 204":                 status(204, ""),
		"B05 206":                 status(206, kids("x")),
		"B05 304 unasked":         status(304, ""),
		"B08 302":                 status(302, kids("x"), "Location", "https://issuer.test/other"),
		"B08 307 to http":         status(307, "", "Location", "http://issuer.test/jwks"),
		"B08 301 to metadata":     status(301, "", "Location", "http://169.254.169.254/"),
		"B06 hangs":               hang,
		"B06 late":                after(6*time.Second, ok(kids("x"))),
		"refused":                 broken,
		"DNS":                     func(*http.Request) (*http.Response, error) { return nil, &net.DNSError{Err: "no such host"} },
		"neither answer nor fail": func(*http.Request) (*http.Response, error) { return nil, nil },
		"panic":                   func(*http.Request) (*http.Response, error) { panic("out of cheese") },
		"panic with nil":          func(*http.Request) (*http.Response, error) { panic(nil) },
		"body breaks off":         body(io.MultiReader(strings.NewReader(kids("x")), &failing{errors.New("connection reset")})),
		"body panics":             body(&failing{}),
	}
	for name, document := range badDocuments() {
		all["200 with "+name] = ok(document)
	}
	return all
}

func body(r io.Reader) func(*http.Request) (*http.Response, error) {
	return func(request *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(r), Request: request}, nil
	}
}

// failing returns its error, or panics where it has none.
type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) {
	if f.err == nil {
		panic("read")
	}
	return 0, f.err
}

func TestFaultNeverReplacesAGoodSet(t *testing.T) {
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(ok(kids("a")))
				s := i.source()
				wantAnswer(t, s, "a", found, 0)
				i.now(fault)
				if got, waited := ask(s, "x"); got != unavailable || waited > DefaultTimeout {
					t.Errorf("unknown kid: got %s after %s, want %s", got, waited, unavailable)
				}
				time.Sleep(9 * time.Minute)
				for range 50 { // past MaxAge, up to the middle of MaxStale
					wantAnswer(t, s, "a", found, 0)
					time.Sleep(40 * time.Second)
				}
				wantState(t, s, StateStale)
				i.now(ok(kids("x")))
				time.Sleep(time.Minute)
				wantAnswer(t, s, "a", found, 0) // starts the fetch that ends the outage
				synctest.Wait()
				wantAnswer(t, s, "x", found, 0)
				wantAnswer(t, s, "a", unknown, 0) // B12
			})
		})
	}
}

// B13: with no keys at all the answer is 503 and never a verdict on the token.
func TestFaultFromTheStartIsUnavailable(t *testing.T) {
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(fault)
				s := i.source()
				if got, waited := ask(s, "a"); got != unavailable || waited > DefaultTimeout {
					t.Errorf("got %s after %s, want %s", got, waited, unavailable)
				}
				wantAnswer(t, s, "a", unavailable, 0)
				wantRequests(t, i, 1)
				if err := s.Stats().LastError; err == "" || len(err) > 500 || strings.Contains(err, "DOCTYPE") {
					t.Errorf("got last error %q, want a short one without the body", err)
				}
				i.now(ok(kids("a")))
				time.Sleep(2 * time.Second)
				wantAnswer(t, s, "a", found, 0)
			})
		})
	}
}

// B07: what lies beyond the limit is not even read.
func TestBodyIsReadUpToTheLimit(t *testing.T) {
	endless := new(spaces)
	s := newIssuer(body(endless)).source()
	if got, _ := ask(s, "a"); got != unavailable {
		t.Errorf("got %s, want %s", got, unavailable)
	}
	if endless.read > DefaultMaxBytes+1 {
		t.Errorf("got %d octets read, want at most %d", endless.read, DefaultMaxBytes+1)
	}
}

// spaces is a body that ends long after anybody should have stopped reading it.
type spaces struct{ read int }

func (s *spaces) Read(p []byte) (int, error) {
	if s.read > 8*DefaultMaxBytes {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = ' '
	}
	s.read += len(p)
	return len(p), nil
}

// panicky is a Logger's handler with a fault of its own.
type panicky struct{}

func (panicky) Enabled(context.Context, slog.Level) bool  { return true }
func (panicky) Handle(context.Context, slog.Record) error { panic("handler") }
func (p panicky) WithAttrs([]slog.Attr) slog.Handler      { return p }
func (p panicky) WithGroup(string) slog.Handler           { return p }

// A Logger that panics in a flight ends neither the process nor the keys.
func TestLoggerThatPanics(t *testing.T) {
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"good keys": ok(kids("a")), "panic in the transport": faults()["panic"],
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(answer)
				options := i.options()
				options.Logger = slog.New(panicky{})
				s := JWKS(keysURL, options)
				want := found
				if name != "good keys" {
					want = unavailable
				}
				wantAnswer(t, s, "a", want, 0)
				synctest.Wait()
			})
		})
	}
}

// slowStore takes four seconds to keep anything.
type slowStore struct{}

func (slowStore) Get(context.Context, string) ([]byte, error) { return nil, nil }
func (slowStore) Put(ctx context.Context, _ string, _ []byte) error {
	select {
	case <-time.After(4 * time.Second):
	case <-ctx.Done():
	}
	return nil
}

// While a flight only tidies up, an unknown kid without a token in the bucket is refused at once.
func TestEmptyBucketDoesNotWaitForTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(ok(kids("a")))
		options := i.options()
		options.Store, options.Cooldown = slowStore{}, time.Hour
		s := JWKS(keysURL, options)
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(10 * time.Second)
		for _, kid := range []string{"b", "c"} { // the burst
			wantAnswer(t, s, kid, unknown, 0)
			time.Sleep(10 * time.Second)
		}
		time.Sleep(7*time.Minute + 50*time.Second)
		wantAnswer(t, s, "a", found, 0) // starts a refresh ahead, which keeps its answer for 4 s
		time.Sleep(time.Second)
		wantAnswer(t, s, "d", unknown, 0)
		time.Sleep(time.Minute)
	})
}
