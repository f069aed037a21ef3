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
		"https://api.example.com/%zz": false, "https://api.example.com/a b": false, "https://b\u00fccher.example": false,
	} {
		if _, err := proof.ParseURL(raw); (err == nil) != good {
			t.Errorf("%q: got %v, want it to be good: %t", raw, err, good)
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
