package main

import (
	"io"
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
	served, named := jwttest.Serve(t), jwttest.Serve(t)
	token := down.Token(nil)
	missing := filepath.Join(t.TempDir(), "none.json")
	issuer, audience := []string{"-issuer", "https://issuer.test"}, []string{"-audience", "api"}
	tests := []struct {
		name  string
		args  []string
		stdin string
		want  []string
	}{
		{"no flags", nil, token, []string{"-issuer is missing", "-audience is missing", "see inspect -h"}},
		{"no issuer", audience, token, []string{"-issuer is missing"}},
		{"no audience", issuer, token, []string{"-audience is missing"}},
		{"HS256 with public keys", join(issuer, audience, []string{"-alg", "HS256"}), token, []string{"HMAC needs a Secret"}},
		{"an empty audience", join(issuer, []string{"-audience", "a,,b"}), token, []string{"empty name"}},
		{"a leeway that is too long", join(issuer, audience, []string{"-leeway", "1h"}), token, []string{"Leeway is 1h0m0s"}},
		{"an unknown flag", []string{"-token", token}, token, []string{"not defined: -token", "see inspect -h"}},
		{"the token as an argument", join(issuer, audience, []string{token}), token, []string{"belongs on standard input"}},
		{"no token", join(issuer, audience), " \n", []string{"got 0 words"}},
		{"two words", join(issuer, audience), "a b", []string{"got 2 words"}},
		{"no key file", join(issuer, audience, []string{"-jwks", missing}), token, []string{"no such file", "clock    not asked"}},
		{"no PEM file", join(issuer, audience, []string{"-pem", missing}), token, []string{"no such file", "see inspect -h"}},
		{"two sources", join(issuer, audience, []string{"-jwks", missing, "-secret-file", missing}), token, []string{"want one of -jwks"}},
		{"a URL that is not public", join(issuer, audience, []string{"-jwks", "http://keys.test/"}), token, []string{"JWKS.URL"}},
		{"a negative age", join(issuer, audience, []string{"-max-age", "-1m"}), token, []string{"MaxAge is -1m0s"}},
		{"the issuer is down", join([]string{"-issuer", down.URL()}, audience), token, []string{"got status 500"}},
		{"the issuer calls itself otherwise", join([]string{"-issuer", other.URL()}, audience), token, []string{"got issuer"}},
		{"a slash too many", []string{"-issuer", served.URL() + "/", "-audience", jwttest.Audience}, served.Token(nil), []string{
			"no verdict", "got issuer", `Issuer: "` + served.URL() + `"`, "a trailing slash counts",
			"NO  iss", "ok  aud", "?   key", "?   signature"}},
		{"a token of another issuer, and this one is down", join([]string{"-issuer", down.URL()}, audience), named.Token(nil), []string{
			`Issuer: "` + named.URL() + `"`, "only if this is the issuer you mean", "NO  iss", "NO  aud", "?   key"}},
		{"expired, and the issuer is down", join([]string{"-issuer", down.URL()}, audience), down.Token(map[string]any{"exp": 1}), []string{
			"Verdict: none", "Even with keys it would be refused because of expired", "NO  exp", "?   key", "?   signature"}},
		{"no token, and the issuer is down", join([]string{"-issuer", down.URL()}, audience), "garbage", []string{
			"Verdict: none", "because of malformed_token", "NO  text", "?   alg"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if output := holds(t, test.args, test.stdin, unable, test.want); strings.Contains(output, token) {
				t.Error("got the whole token in the output, want none of it")
			}
		})
	}
	if got := len(named.Requests()); got != 0 {
		t.Errorf("got %d requests to an issuer that a token named, want none", got)
	}
}

func TestHelp(t *testing.T) {
	var out strings.Builder
	if got := run([]string{"-h"}, strings.NewReader(""), io.Discard, &out); got != passed {
		t.Errorf("got exit status %d, want %d", got, passed)
	}
	if want := "usage: inspect -issuer URL -audience AUD [flags] < token\n"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("got %q, want it to begin with %q", out.String(), want)
	}
	for _, text := range []string{"-issuer", "-jwks", "-pem", "-secret-file", "-audience", "-clients", "-alg", "-type", "-leeway", "-max-age",
		"0 the token passes, 1 it is refused, 2 no verdict"} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("got no %q", text)
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
