package keyset

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

func TestRetryAfterIsRespected(t *testing.T) {
	tests := []struct {
		name, value string
		code        int
		held        time.Duration
	}{
		{"503 seconds", "30", 503, 30 * time.Second},
		{"429 seconds", "30", 429, 30 * time.Second},
		{"a day is a minute", "86400", 503, time.Minute},
		{"500 has none", "30", 500, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(ok(kids("a")))
				s := i.source()
				wantAnswer(t, s, "a", found, 0)
				i.now(status(tt.code, "", "Retry-After", tt.value))
				wantAnswer(t, s, "x", unavailable, 0)
				i.now(ok(kids("a", "x")))
				if tt.held > 0 {
					time.Sleep(tt.held - 1)
					wantAnswer(t, s, "x", unavailable, 0)
					wantRequests(t, i, 2)
					time.Sleep(time.Nanosecond)
				}
				wantAnswer(t, s, "x", found, 0) // our own backoff forbids nothing while fresh
				wantRequests(t, i, 3)
			})
		})
	}
}

func TestRetryAfterLengthensTheBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(status(503, "", "Retry-After", "40"))
		s := i.source()
		_, _, err := s.Key(t.Context(), "a", true, jws.ES256)
		down, _ := errors.AsType[*UnavailableError](err)
		if down == nil || down.RetryAfter != 40*time.Second {
			t.Fatalf("got %v, want it unavailable for 40s", err)
		}
		time.Sleep(39 * time.Second)
		wantAnswer(t, s, "a", unavailable, 0)
		wantRequests(t, i, 1)
		time.Sleep(time.Second)
		wantAnswer(t, s, "a", unavailable, 0)
		wantRequests(t, i, 2)
	})
}

func TestConditionalRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const modified = "Mon, 02 Nov 2026 10:00:00 GMT"
		i := newIssuer(status(200, kids("a"), "Cache-Control", "max-age=600", "ETag", `"one"`, "Last-Modified", modified))
		s := i.source()
		refresh := func(serve func(*http.Request) (*http.Response, error)) http.Header {
			t.Helper()
			i.now(serve)
			time.Sleep(s.state.Load().maxAge * 9 / 10)
			wantAnswer(t, s, "a", found, 0)
			synctest.Wait()
			return i.last().Header
		}
		wantAnswer(t, s, "a", found, 0)
		if h := i.last().Header; h.Get("If-None-Match") != "" || h.Get("If-Modified-Since") != "" {
			t.Errorf("first request: got %v, want no condition", h)
		}
		set := s.state.Load().set

		h := refresh(status(304, "", "Cache-Control", "max-age=1200"))
		if h.Get("If-None-Match") != `"one"` || h.Get("If-Modified-Since") != modified {
			t.Errorf("second request: got %v, want both validators", h)
		}
		if state := s.state.Load(); state.set != set || state.maxAge != 20*time.Minute || state.failures != 0 {
			t.Errorf("after 304: got max age %s, want the same set for 20m", state.maxAge)
		}

		h = refresh(status(200, `{"keys":[]}`, "ETag", `"bad"`))
		if h.Get("If-None-Match") != `"one"` {
			t.Errorf("after 304: got %v, want the validator of the set", h)
		}
		time.Sleep(2 * time.Second)
		i.now(status(304, ""))
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait()
		if h := i.last().Header; h.Get("If-None-Match") != "" {
			t.Errorf("after a failure: got %v, want no condition", h)
		}
		if state := s.state.Load(); state.failures != 2 || state.page.etag != `"one"` {
			t.Errorf("304 unasked: got %d failures and ETag %q, want 2 and that of the set", state.failures, state.page.etag)
		}
	})
}

// A validator that our own transport would refuse to send must not make every later fetch fail.
func TestOddValidatorIsNotSentBack(t *testing.T) {
	for _, etag := range []string{"\"a\x01\"", "\"\u00e9\"", strings.Repeat("e", 2000)} {
		if got := validator(etag); got != "" {
			t.Errorf("got %q, want it dropped", got)
		}
	}
	if got := validator(`W/"a b"`); got != `W/"a b"` {
		t.Errorf("got %q, want it kept", got)
	}
}

func TestRequestManners(t *testing.T) {
	i := newIssuer(ok(kids("a")))
	if got, _ := ask(i.source(), "a"); got != found {
		t.Fatalf("got %s, want %s", got, found)
	}
	r := i.last()
	if got := r.Header.Get("Accept"); got != "application/jwk-set+json, application/json" {
		t.Errorf("got Accept %q", got)
	}
	if got := r.Header.Get("User-Agent"); !strings.HasPrefix(got, "jwtmw ") {
		t.Errorf("got User-Agent %q, want the library named", got)
	}
	if !r.Close || r.Method != http.MethodGet || r.Header.Get("Accept-Encoding") != "" {
		t.Errorf("got %+v, want GET, close, and the transport's own compression", r)
	}
	if _, limited := r.Context().Deadline(); !limited {
		t.Error("got a request without deadline")
	}
}

func TestUsersClientIsNotChanged(t *testing.T) {
	i := newIssuer(ok(kids("a")))
	client := &http.Client{Transport: i}
	s := JWKS(keysURL, Options{Client: client})
	if got, _ := ask(s, "a"); got != found || client.CheckRedirect != nil {
		t.Errorf("got %s and changed %v, want a key and the client as it was", got, client.CheckRedirect != nil)
	}
}

func TestPlainHTTPIsRefusedUnlessAllowed(t *testing.T) {
	i := newIssuer(ok(kids("a")))
	for insecure, want := range map[bool]string{false: unavailable, true: found} {
		o := i.options()
		o.InsecureHTTP = insecure
		if got, _ := ask(JWKS("http://issuer.test/jwks", o), "a"); got != want {
			t.Errorf("InsecureHTTP %v: got %s, want %s", insecure, got, want)
		}
	}
	wantRequests(t, i, 1)
}

// K12: RFC 9111 section 4.3.4: a 304 updates the header of the stored answer, and what it leaves out stays.
func TestK12FreshnessOutlivesASilent304(t *testing.T) {
	for name, header := range map[string][]string{"max-age": {"Cache-Control", "max-age=60"}, "silence": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newIssuer(status(200, kids("a"), append(header, "ETag", `"one"`)...))
				s := i.source()
				wantAnswer(t, s, "a", found, 0)
				first := s.Stats().MaxAge
				i.now(status(304, ""))
				for n := range 5 {
					time.Sleep(first * 9 / 10)
					wantAnswer(t, s, "a", found, 0)
					synctest.Wait()
					wantRequests(t, i, n+2)
					if got := s.Stats().MaxAge; got != first || s.Stats().LastError != "" {
						t.Errorf("got max age %s (%s), want %s as before", got, s.Stats().LastError, first)
					}
				}
			})
		})
	}
}
