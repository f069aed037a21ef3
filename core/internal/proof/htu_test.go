package proof_test

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// sameURL compares by net/url and package path, which decode.
func sameURL(htu, wire string) error {
	got, err := url.Parse(strings.Split(strings.Split(htu, "#")[0], "?")[0])
	if err != nil {
		return nil // net/url refuses more than RFC 3986 has to
	}
	if !strings.EqualFold(got.Hostname(), "api.example.com") || got.User != nil || !strings.EqualFold(got.Scheme, "https") {
		return fmt.Errorf("net/url sees host %q and scheme %q", got.Host, got.Scheme)
	}
	decoded, err := url.PathUnescape(wire)
	if err != nil {
		return err
	}
	if slashes := strings.Count(strings.ToUpper(wire), "%2F"); strings.Count(strings.ToUpper(got.EscapedPath()), "%2F") < slashes && !strings.Contains(htu, "..") {
		return errors.New("an escaped slash matched a bare one")
	}
	if path.Clean("/"+got.Path) != path.Clean("/"+decoded) {
		return fmt.Errorf("net/url sees path %q, want %q", got.Path, decoded)
	}
	return nil
}

func TestParseURL(t *testing.T) {
	for raw, good := range map[string]bool{
		"https://api.example.com": true, "https://api.example.com/": true, "https://api.example.com/v1/": true, "HTTPS://API.example.com:443": true,
		"http://localhost:8080": true, "http://[::1]:8080": true, "http://127.0.0.1": true,
		"": false, "api.example.com": false, "http://api.example.com": false, "https://": false, "https:///v1": false, "https://a@b": false,
		"https://api.example.com?": false, "https://api.example.com#": false, "https://api.example.com/a/../b": false, "https://api.example.com/%2e": false,
		"https://api.example.com/%zz": false, "https://api.example.com/a b": false, "https://b\u00fccher.example": false, "https://api.example.com/~": true, "https://api.example.com/\u00fc": true,
	} {
		if _, err := proof.ParseURL(raw); (err == nil) != good {
			t.Errorf("%q: got %v, want it to be good: %t", raw, err, good)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		name, url, htu, path string
		want                 bool
	}{
		{"plain", "https://api.example.com/v1", "https://api.example.com/v1/orders", "/orders", true},
		{"another host as long", "https://api.example.com/v1", "https://abc.example.com/v1/orders", "/orders", false},
		{"another prefix as long", "https://api.example.com/v1", "https://api.example.com/v2/orders", "/orders", false},
		{"another prefix as long, not plain", "https://api.example.com/v1", "https://api.example.com/v2/%6frders", "/orders", false},
		{"a path shorter than the prefix", "https://api.example.com/v1", "https://api.example.com/", "/", false},
		{"no path", "https://api.example.com/v1", "https://api.example.com/v1", "", false},
		{"a broken path", "https://api.example.com/v1", "https://api.example.com/v1", "/%zz", false},
		{"a path without a slash", "https://api.example.com/v1", "https://api.example.com/v1x", "x", false},
		{"a query in the path", "https://api.example.com", "https://api.example.com/a?b", "/a?b", false},
		{"a fragment in the path", "https://api.example.com", "https://api.example.com/a#b", "/a#b", false},
		{"a blank in both", "https://api.example.com", "https://api.example.com/a b", "/a b", false},
		{"a delete in both", "https://api.example.com", "https://api.example.com/a\x7f", "/a\x7f", false},
		{"dots in both", "https://api.example.com", "https://api.example.com/a/../b", "/a/../b", false},
		{"a tilde", "https://api.example.com", "https://api.example.com/~a", "/~a", true},
		{"a tilde that is escaped", "https://api.example.com", "https://api.example.com/%7Ea", "/~a", true},
		{"a bracket, which is reserved", "https://api.example.com", "https://api.example.com/%5B", "/[", false},
		{"ends of the alphabets", "https://api.example.com", "https://api.example.com/%41%5a%61%7A%30%39%2D%2E%5F", "/AZaz09-._", true},
		{"beside the alphabets", "https://api.example.com", "https://api.example.com/%40", "/@", false},
		{"octets beyond ASCII", "https://api.example.com", "https://api.example.com/%C3%BC", "/\u00fc", true},
		{"an octet beside its text", "https://api.example.com", "https://api.example.com/C3BC", "/\u00fc", false},
		{"octets whose first digits differ", "https://api.example.com", "https://api.example.com/%C3", "/%D3", false},
		{"octets whose last digits differ", "https://api.example.com", "https://api.example.com/%C3", "/%C4", false},
		{"escapes in two cases", "https://api.example.com", "https://api.example.com/%fa%AF", "/%FA%af", true},
		{"a slash that is escaped", "https://api.example.com", "https://api.example.com/a%2Fb", "/a/b", false},
		{"a query of the proof", "https://api.example.com", "https://api.example.com/a?b", "/a", true},
		{"a query without a path", "https://api.example.com", "https://api.example.com?b", "/", true},
		{"a fragment without a path", "https://api.example.com", "https://api.example.com#b", "/", true},
		{"no path in the proof", "https://api.example.com", "https://api.example.com", "/", true},
		{"upper case", "https://az.example.com", "HTTPS://AZ.EXAMPLE.COM/a", "/a", true},
		{"a Kelvin sign", "https://k.example.com", "https://\u212a.example.com/a", "/a", false},
		{"the scheme's port", "https://api.example.com", "https://api.example.com:443/a", "/a", true},
		{"another's port", "https://api.example.com", "https://api.example.com:80/a", "/a", false},
		{"http's port", "http://localhost", "http://localhost:80/a", "/a", true},
		{"an empty port", "https://api.example.com", "https://api.example.com:/a", "/a", true},
		{"another scheme", "https://api.example.com", "http://api.example.com/a", "/a", false},
		{"no scheme", "https://api.example.com", "api.example.com/a", "/a", false},
		{"nothing", "https://api.example.com", "", "/", false},
		{"a scheme alone", "https://api.example.com", "https:///", "/", false},
		{"dots in the proof", "https://api.example.com", "https://api.example.com/x/../../a/./b/.", "/a/b/", true},
		{"two dots at its end", "https://api.example.com", "https://api.example.com/a/b/..", "/a/", true},
	} {
		u, err := proof.ParseURL(test.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := proof.Matches([]proof.URL{u}, test.htu, test.path); got != test.want {
			t.Errorf("%s: htu %q and path %q: got %t, want %t", test.name, test.htu, test.path, got, test.want)
		}
	}
}

// What is no escape matches nothing, itself included.
func TestBrokenEscapes(t *testing.T) {
	u, err := proof.ParseURL("https://api.example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/%", "/%4", "/%zz", "/%6g", "/%6G", "/%6:", "/%6/", "/%6@", "/%6`", "/%g6"} {
		if proof.Matches([]proof.URL{u}, "https://api.example.com"+path, path) {
			t.Errorf("%q: got a match, want none", path)
		}
	}
}

func BenchmarkMatches(b *testing.B) {
	u, err := proof.ParseURL("https://api.example.com/v1")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !proof.Matches([]proof.URL{u}, "https://api.example.com/v1/orders/17", "/orders/17") {
			b.Fatal("no match")
		}
	}
}
