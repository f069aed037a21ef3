package main

import (
	"net/http"
	"net/http/httputil"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestFetchesTheIssuersDocumentsAlone(t *testing.T) {
	issuer, named := jwttest.Serve(t), jwttest.Serve(t)
	tests := []struct {
		name   string
		token  string
		status int
	}{
		{"a good token", issuer.Token(nil), passed},
		{"one that names another issuer", named.Token(nil), refused},
		{"an unknown key", issuer.Token(nil, jwttest.KeyID("gone")), refused},
		{"an expired one", issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour)}), refused},
		{"one that brings an address of keys", issuer.Token(nil, jwttest.Header(map[string]any{"jku": named.JWKSURL(), "kid": "gone"})), refused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before, metadata := issuer.Fetches(), issuer.MetadataFetches()
			args := []string{"-issuer", issuer.URL(), "-audience", jwttest.Audience}
			holds(t, args, "Authorization: Bearer "+test.token+"\n", test.status,
				[]string{issuer.MetadataURL() + ", status 200", issuer.JWKSURL() + ", status 200", "usable   2", "clock    the issuer's agrees"})
			if issuer.Fetches() != before+1 || issuer.MetadataFetches() != metadata+1 {
				t.Errorf("got %d fetches of keys and %d of metadata, want one each", issuer.Fetches()-before, issuer.MetadataFetches()-metadata)
			}
		})
		for _, request := range issuer.Requests() {
			sent, err := httputil.DumpRequest(request, true)
			if err != nil {
				t.Fatal(err)
			}
			for segment := range strings.SplitSeq(test.token, ".") {
				if strings.Contains(string(sent), segment) {
					t.Errorf("%s: got a request with a part of the token, want none", test.name)
				}
			}
		}
	}
	if got := len(named.Requests()); got != 0 {
		t.Errorf("got %d requests to an address that a token named, want none", got)
	}
}

func TestUnable(t *testing.T) {
	down := jwttest.Serve(t)
	down.Misbehave(jwttest.Fail(http.StatusInternalServerError))
	other := jwttest.Serve(t)
	other.SetMetadata(map[string]any{"issuer": other.URL() + "/"})
	token := down.Token(nil)
	missing := filepath.Join(t.TempDir(), "none.json")
	issuer, audience := []string{"-issuer", "https://issuer.test"}, []string{"-audience", "api"}
	tests := []struct {
		name  string
		args  []string
		stdin string
		want  string
	}{
		{"no issuer", audience, token, "Issuer is empty"},
		{"no audience", issuer, token, "neither Audiences nor Clients"},
		{"HS256 with public keys", join(issuer, audience, []string{"-alg", "HS256"}), token, "HMAC needs a Secret"},
		{"an empty audience", join(issuer, []string{"-audience", "a,,b"}), token, "empty name"},
		{"a leeway that is too long", join(issuer, audience, []string{"-leeway", "1h"}), token, "Leeway is 1h0m0s"},
		{"an unknown flag", []string{"-token", token}, token, "not defined: -token"},
		{"the token as an argument", join(issuer, audience, []string{token}), token, "belongs on standard input"},
		{"no token", join(issuer, audience), " \n", "got 0 words"},
		{"two words", join(issuer, audience), "a b", "got 2 words"},
		{"no key file", join(issuer, audience, []string{"-jwks", missing}), token, "no such file"},
		{"the issuer is down", join([]string{"-issuer", down.URL()}, audience), token, "got status 500"},
		{"the issuer calls itself otherwise", join([]string{"-issuer", other.URL()}, audience), token, "got issuer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if output := holds(t, test.args, test.stdin, unable, []string{test.want}); strings.Contains(output, token) {
				t.Error("got the whole token in the output, want none of it")
			}
		})
	}
}

func TestHelp(t *testing.T) {
	var out strings.Builder
	if got := run([]string{"-h"}, strings.NewReader(""), &out); got != passed {
		t.Errorf("got exit status %d, want %d", got, passed)
	}
	for _, flag := range []string{"-issuer", "-jwks", "-audience", "-clients", "-alg", "-type", "-leeway"} {
		if !strings.Contains(out.String(), flag) {
			t.Errorf("got no %s", flag)
		}
	}
}

func TestClockAhead(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, date, age string
		want            string
	}{
		{"agrees", "Sun, 22 Nov 2026 11:59:59 GMT", "", "the issuer's agrees with this machine's"},
		{"ahead", "Sun, 22 Nov 2026 12:02:00 GMT", "", "the issuer's is 2m0s ahead of this machine's"},
		{"behind", "Sun, 22 Nov 2026 11:00:00 GMT", "", "the issuer's is 1h0m0s behind this machine's"},
		{"kept by a cache", "Sun, 22 Nov 2026 11:00:00 GMT", "3600", "the issuer's agrees with this machine's"},
		{"an age that is none", "Sun, 22 Nov 2026 12:02:00 GMT", "-1", "the issuer's is 2m0s ahead of this machine's"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ahead, ok := clockAhead(http.Header{"Date": {test.date}, "Age": {test.age}}, now)
			if got := clockText(ahead); !ok || got != test.want {
				t.Errorf("got %q, %t, want %q", got, ok, test.want)
			}
		})
	}
	if _, ok := clockAhead(http.Header{}, now); ok {
		t.Error("without a Date: got a clock, want none")
	}
}

func join(parts ...[]string) (all []string) {
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}
