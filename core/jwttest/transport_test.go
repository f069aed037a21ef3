package jwttest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestRoundTripServesOneOrigin(t *testing.T) {
	issuer := jwttest.NewIssuer("https://issuer.test:8443/a")
	tests := []struct {
		address string
		want    bool
	}{
		{"https://issuer.test:8443/a/jwks.json", true},
		{"HTTPS://ISSUER.test:8443/a/jwks.json", true},
		{"http://issuer.test:8443/a/jwks.json", false},
		{"https://issuer.test/a/jwks.json", false},
		{"https://other.test:8443/a/jwks.json", false},
	}
	for _, test := range tests {
		_, _, err := tryGet(t.Context(), issuer, test.address)
		if got := err == nil; got != test.want {
			t.Errorf("%s: got an answer: %t (%v), want %t", test.address, got, err, test.want)
		}
	}
	if got := len(issuer.Requests()); got != len(tests) {
		t.Errorf("got %d requests, want %d", got, len(tests))
	}
}

func TestRoundTripResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		response, body := get(t, issuer, issuer.JWKSURL())
		if response.Status != "200 OK" || response.ContentLength != int64(len(body)) || response.Request == nil {
			t.Errorf("got %q, %d, request %v, want 200 OK, %d and the request", response.Status, response.ContentLength, response.Request, len(body))
		}
		if got := response.Header.Get("Date"); got != "Sat, 01 Jan 2000 00:00:00 GMT" {
			t.Errorf("got Date %q, want the time of the bubble", got)
		}
	})
}

// Handlers of users may do all that net/http allows, and more.
func TestRoundTripHandlers(t *testing.T) {
	tests := []struct {
		name    string
		handler http.HandlerFunc
		status  int
		body    string
		err     string
	}{
		{"silent", func(http.ResponseWriter, *http.Request) {}, 200, "", ""},
		{"early hints and two statuses", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(103)
			w.WriteHeader(202)
			w.WriteHeader(500)
			io.WriteString(w, "x")
		}, 202, "x", ""},
		{"no body allowed", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			io.WriteString(w, "x")
		}, 204, "", ""},
		{"less than promised", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			io.WriteString(w, "xy")
		}, 200, "xy", "unexpected EOF"},
		{"more than promised", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1")
			if _, err := io.WriteString(w, "xy"); !errors.Is(err, http.ErrContentLength) {
				panic("got no error, want http.ErrContentLength")
			}
			io.WriteString(w, "z")
		}, 200, "z", ""},
		{"panic before an answer", func(http.ResponseWriter, *http.Request) { panic("oops") }, 0, "", "the handler panicked: oops"},
		{"panic after an answer", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			panic("oops")
		}, 200, "", "the handler panicked: oops"},
		{"asks for its request", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, r.Host+" "+r.RequestURI+" "+r.Header.Get("A"))
		}, 200, "issuer.test /jwks.json b", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				issuer := jwttest.NewIssuer("")
				issuer.Misbehave(func(http.Handler) http.Handler { return test.handler })
				response, body, err := tryGet(t.Context(), issuer, issuer.JWKSURL(), "A", "b")
				if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
					t.Errorf("got error %v, want %q", err, test.err)
				}
				if test.status != 0 && (response == nil || response.StatusCode != test.status || body != test.body) {
					t.Errorf("got %+v with body %q, want status %d with body %q", response, body, test.status, test.body)
				}
			})
		})
	}
}

// The handler has returned when RoundTrip returns an error, and when Close returns.
func TestNoHandlerOutlivesItsRequest(t *testing.T) {
	for _, streams := range []bool{false, true} {
		issuer := jwttest.NewIssuer("")
		returned := false // without a lock, so that the race detector sees whether the handler is over
		started := make(chan struct{})
		issuer.Misbehave(func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() { returned = true }()
				if streams {
					w.WriteHeader(http.StatusOK)
				}
				close(started)
				<-r.Context().Done()
			})
		})
		ctx, cancel := context.WithCancel(t.Context())
		if !streams {
			go func() { <-started; cancel() }()
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer.JWKSURL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := issuer.RoundTrip(r)
		if streams {
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want a cancellation", err)
		}
		if !returned {
			t.Errorf("streams %t: got a handler that still runs, want it over", streams)
		}
		cancel()
	}
}

func TestCancelledBeforeItStarts(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("shutting down")
	cancel(cause)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer.JWKSURL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := issuer.RoundTrip(r); !errors.Is(err, cause) || issuer.Fetches() != 0 {
		t.Errorf("got error %v and %d fetches, want the cause and none", err, issuer.Fetches())
	}
}

// A context that ends while the client is not reading releases a handler that is writing.
func TestCancelReleasesAWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		issuer.Misbehave(jwttest.Endless())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer.JWKSURL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := issuer.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		// The body is not closed: the bubble ends only if the handler does all the same.
		if _, err := response.Body.Read(make([]byte, 1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want a deadline exceeded", err)
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() { tryGet(t.Context(), issuer, issuer.JWKSURL()) })
			group.Go(func() { tryGet(t.Context(), issuer, issuer.MetadataURL()) })
			group.Go(func() { issuer.Token(nil, jwttest.Algorithm("EdDSA")) })
			group.Go(func() { issuer.Rotate("ES256"); issuer.Retire(); issuer.Publish(issuer.PublicJWK("ES256")) })
			group.Go(func() { issuer.Misbehave(jwttest.Times(1, jwttest.Hang())); issuer.Recover() })
			group.Go(func() { issuer.SetHeader("Age", "1"); issuer.SetMetadata(map[string]any{"a": 1}) })
			group.Go(func() { issuer.Fetches(); issuer.Requests(); issuer.JWKS() })
		}
		group.Wait()
		issuer.Recover()
		if _, body := get(t, issuer, issuer.JWKSURL()); body != string(issuer.JWKS()) {
			t.Errorf("got %.60q, want the key set", body)
		}
	})
}
