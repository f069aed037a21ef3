package core_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

// What a careful person may still let a request do, and what must not come of it.

// T15: what no browser sends twice is not read once.
func TestT15OriginTwice(t *testing.T) {
	s := newStage(t, nil)
	guard := core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromCookie("sid")}}
	for _, test := range []struct {
		name, host string
		header     http.Header
		want       core.Reason
	}{
		{"two origins", "api.test", http.Header{"Origin": {"https://api.test", "https://evil.test"}}, core.ReasonMalformedRequest},
		{"two sites", "api.test", http.Header{"Sec-Fetch-Site": {"same-origin", "cross-site"}}, core.ReasonMalformedRequest},
		{"null, and no host", "", http.Header{"Origin": {"null"}}, core.ReasonCrossOrigin},
		{"an empty origin, and no host", "", http.Header{"Origin": {""}}, ""},
		{"its own", "api.test", http.Header{"Origin": {"https://api.test"}}, ""},
	} {
		test.header["Cookie"] = []string{"sid=" + s.Token(nil)}
		if _, err := guard.Check(t.Context(), fake{"POST", test.host, "", test.header}); reasonOf(err) != test.want {
			t.Errorf("%s: got %q, want %q", test.name, reasonOf(err), test.want)
		}
	}
}

// T18: a query that others broke is not the token's.
func TestT18UnreadableQuery(t *testing.T) {
	s := newStage(t, nil)
	good := s.Token(nil)
	guard := core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromBearer(), core.InsecureFromQuery("t")}}
	for _, test := range []struct {
		query  string
		bearer bool
		want   core.Reason
	}{
		{"q=100%", true, ""},
		{"q=100%&%zz=1&a;b", true, ""},
		{"q=100%", false, core.ReasonNoToken},
		{"q=100%&t=" + good, false, ""},
		{"%74=" + good, false, ""},
		{"t=100%", false, core.ReasonMalformedRequest},
		{"t=" + good + ";x", false, core.ReasonMalformedRequest},
		{"t=" + good, true, core.ReasonMultipleTokens},
		{"t=" + good + "&t=" + good, false, core.ReasonMultipleTokens},
		{"t=", false, core.ReasonNoToken},
	} {
		header := http.Header{}
		if test.bearer {
			header.Set("Authorization", "Bearer "+good)
		}
		if _, err := guard.Check(t.Context(), fake{"GET", "api.test", test.query, header}); reasonOf(err) != test.want {
			t.Errorf("%q: got %q, want %q", strings.ReplaceAll(test.query, good, "T"), reasonOf(err), test.want)
		}
	}
}

// U7: a page of a sibling origin may send the cookie, if it is trusted by name.
func TestU7TrustedOrigins(t *testing.T) {
	s := newStage(t, nil)
	guard := core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromCookie("sid", "https://app.test", "https://app.test:8443")}}.MustValidate()
	for _, test := range []struct {
		name, origin, site string
		want               core.Reason
	}{
		{"the trusted one", "https://app.test", "same-site", ""},
		{"with a port", "https://app.test:8443", "same-site", ""},
		{"an old browser", "https://app.test", "", ""},
		{"over http", "http://app.test", "cross-site", core.ReasonCrossOrigin},
		{"another port", "https://app.test:9443", "same-site", core.ReasonCrossOrigin},
		{"upper case", "https://APP.test", "same-site", core.ReasonCrossOrigin},
		{"a longer name", "https://app.test.evil.test", "cross-site", core.ReasonCrossOrigin},
		{"no origin", "", "same-site", core.ReasonCrossOrigin},
		{"null", "null", "cross-site", core.ReasonCrossOrigin},
	} {
		header := http.Header{"Cookie": {"sid=" + s.Token(nil)}}
		for name, value := range map[string]string{"Origin": test.origin, "Sec-Fetch-Site": test.site} {
			if value != "" {
				header.Set(name, value)
			}
		}
		if _, err := guard.Check(t.Context(), fake{"POST", "api.test", "", header}); reasonOf(err) != test.want {
			t.Errorf("%s: got %q, want %q", test.name, reasonOf(err), test.want)
		}
	}
}

// U17: the words for a missing token fit every place that it may come from.
func TestU17NoTokenInAnyPlace(t *testing.T) {
	if got := core.RefusalOf(core.ErrNoToken); got.Error() == "" {
		t.Error("got no words")
	}
	s := newStage(t, nil)
	_, err := core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromCookie("sid")}}.Check(t.Context(), get())
	if got := err.Error(); got != "a token is required" {
		t.Errorf("got %q, want words that name no bearer", got)
	}
}

// U9: behind a proxy that asks by GET whatever the browser sent, a cookie's origin
// is not looked at. FromCookie says so; a Request with the original method is.
func TestU9OriginNeedsTheOriginalMethod(t *testing.T) {
	s := newStage(t, nil)
	guard := core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromCookie("sid")}}
	for method, want := range map[string]core.Reason{"GET": "", "POST": core.ReasonCrossOrigin} {
		header := http.Header{"Cookie": {"sid=" + s.Token(nil)}, "Origin": {"https://evil.test"}, "Sec-Fetch-Site": {"cross-site"}}
		if _, err := guard.Check(t.Context(), fake{method, "api.test", "", header}); reasonOf(err) != want {
			t.Errorf("%s: got %q, want %q", method, reasonOf(err), want)
		}
	}
}
