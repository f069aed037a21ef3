package keyset

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// An answer with another status says which, and of a redirect that it is not followed.
func TestStatusErrorText(t *testing.T) {
	for status, redirect := range map[int]bool{201: false, 299: false, 300: true, 302: true, 304: false, 399: true, 400: false, 503: false} {
		got := (&statusError{status: status}).Error()
		if strings.HasSuffix(got, "; redirects are not followed") != redirect || !strings.Contains(got, "want 200") {
			t.Errorf("got %q for %d, want a word about redirects: %t", got, status, redirect)
		}
	}
}

// A validator is sent back as it came, or not at all.
func TestValidatorBounds(t *testing.T) {
	long := strings.Repeat("x", 1024)
	for value, want := range map[string]string{
		long: long, long + "x": "", `" !~"`: `" !~"`, "a\x1f": "", "a\x7f": "", "\xc3\xa9": "", "": "",
	} {
		if got := validator(value); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A confined source judges an address before it dials it, unless the user's Client dials as it likes.
func TestConfinedJudgesTheURL(t *testing.T) {
	for name, tt := range map[string]struct {
		options Options
		public  bool
	}{
		"confined":             {Options{Confined: true}, true},
		"confined to a Client": {Options{Confined: true, Client: &http.Client{}}, false},
		"not confined":         {Options{}, false},
	} {
		if err := newGetter(tt.options).checkURL("https://127.0.0.1/jwks", false); (err != nil) != tt.public {
			t.Errorf("%s: got %v for a local address, want an error: %t", name, err, tt.public)
		}
	}
}

// What Stats tells of a failure is its cause.
func TestFetchSaysWhy(t *testing.T) {
	document := kids("a")
	tests := []struct {
		name, url string
		serve     func(*http.Request) (*http.Response, error)
		maxBytes  int
		want      string // "": no failure
	}{
		{"plain http", "http://issuer.test/jwks", ok(document), 0, "want https"},
		{"no connection", keysURL, broken, 0, "connection refused"},
		{"a status", keysURL, status(404, ""), 0, "got status 404, want 200"},
		{"a body that breaks off", keysURL, body(&failing{errors.New("connection reset")}), 0, "connection reset"},
		{"a body as long as may be", keysURL, ok(document), len(document), ""},
		{"a body longer by one", keysURL, ok(document), len(document) - 1, fmt.Sprintf("got a body of more than %d octets", len(document)-1)},
		{"no key set", keysURL, ok("{}"), 0, `answer of "` + keysURL + `": key set: got no "keys"`},
	}
	for _, tt := range tests {
		i := newIssuer(tt.serve)
		o := i.options()
		o.MaxBytes = int64(tt.maxBytes)
		s := JWKS(tt.url, o)
		_ = s.Ready(t.Context())
		got := s.Stats().LastError
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) || strings.Contains(got, "panic") {
			t.Errorf("%s: got %q, want %q and no panic", tt.name, got, tt.want)
		}
	}
}

// A request is conditional by what the issuer has said, and by nothing else.
func TestConditionalByEitherValidator(t *testing.T) {
	const etag, date = `"1"`, "Sat, 01 Jan 2000 00:00:00 GMT"
	for name, tt := range map[string]struct {
		header []string
		want   http.Header
	}{
		"none":  {nil, http.Header{}},
		"ETag":  {[]string{"ETag", etag}, http.Header{"If-None-Match": {etag}}},
		"date":  {[]string{"Last-Modified", date}, http.Header{"If-Modified-Since": {date}}},
		"both":  {[]string{"ETag", etag, "Last-Modified", date}, http.Header{"If-None-Match": {etag}, "If-Modified-Since": {date}}},
		"empty": {[]string{"ETag", "", "Last-Modified", ""}, http.Header{}},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(status(200, kids("a"), tt.header...))
			s := i.source()
			if got, _ := ask(s, "a"); got != found {
				t.Fatalf("got %s, want %s", got, found)
			}
			i.now(status(304, ""))
			want := unavailable
			if len(tt.want) > 0 {
				want = unknown // the known document was confirmed
			}
			if got, _ := ask(s, "b"); got != want {
				t.Errorf("a 304: got %s, want %s", got, want)
			}
			for _, field := range []string{"If-None-Match", "If-Modified-Since"} {
				if got := i.last().Header[field]; !slices.Equal(got, tt.want[field]) {
					t.Errorf("got %s %q, want %q", field, got, tt.want[field])
				}
			}
		})
	}
}
