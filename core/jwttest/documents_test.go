package jwttest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

func TestDocumentAddresses(t *testing.T) {
	tests := []struct {
		identifier string
		keys       string
		metadata   []string
		notFound   []string
	}{
		{
			"",
			"https://issuer.test/jwks.json",
			[]string{"https://issuer.test/.well-known/openid-configuration", "https://issuer.test/.well-known/oauth-authorization-server"},
			[]string{"https://issuer.test/", "https://issuer.test/authorize", "https://issuer.test/jwks.json/"},
		},
		{
			"https://host.test/tenant/one",
			"https://host.test/tenant/one/jwks.json",
			[]string{"https://host.test/tenant/one/.well-known/openid-configuration", "https://host.test/.well-known/oauth-authorization-server/tenant/one"},
			[]string{"https://host.test/.well-known/openid-configuration", "https://host.test/tenant/one/.well-known/oauth-authorization-server", "https://host.test/.well-known/openid-configuration/tenant/one"},
		},
		{
			"http://127.0.0.1:8080/",
			"http://127.0.0.1:8080/jwks.json",
			[]string{"http://127.0.0.1:8080/.well-known/openid-configuration", "http://127.0.0.1:8080/.well-known/oauth-authorization-server"},
			[]string{"http://127.0.0.1:8080//.well-known/openid-configuration"},
		},
		{
			"acme.com",
			"https://issuer.test/jwks.json",
			[]string{"https://issuer.test/.well-known/openid-configuration"},
			[]string{"https://issuer.test/acme.com/.well-known/openid-configuration"},
		},
	}
	for _, test := range tests {
		t.Run(test.identifier, func(t *testing.T) {
			issuer := jwttest.NewIssuer(test.identifier)
			if got := issuer.JWKSURL(); got != test.keys {
				t.Errorf("got JWKSURL %q, want %q", got, test.keys)
			}
			if _, body := get(t, issuer, test.keys); body != string(issuer.JWKS()) {
				t.Errorf("got %q, want the key set", body)
			}
			if got := issuer.MetadataURL(); got != test.metadata[0] {
				t.Errorf("got MetadataURL %q, want %q", got, test.metadata[0])
			}
			for _, address := range test.metadata {
				members := metadataOf(t, issuer, address)
				if members["issuer"] != issuer.URL() || members["jwks_uri"] != test.keys {
					t.Errorf("%s: got issuer %q and jwks_uri %q, want %q and %q", address, members["issuer"], members["jwks_uri"], issuer.URL(), test.keys)
				}
			}
			for _, address := range test.notFound {
				if response, _ := get(t, issuer, address); response.StatusCode != http.StatusNotFound {
					t.Errorf("%s: got status %d, want 404", address, response.StatusCode)
				}
			}
		})
	}
}

// OpenID Connect Discovery 1.0, section 3 and RFC 8414, section 2.
func TestMetadataHasRequiredMembers(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	address := issuer.MetadataURL()
	members := metadataOf(t, issuer, address)
	for _, name := range []string{
		"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri",
		"response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
	} {
		if members[name] == nil {
			t.Errorf("got no %s, want one", name)
		}
	}

	issuer.SetMetadata(map[string]any{"issuer": "https://evil.test", "jwks_uri": nil})
	members = metadataOf(t, issuer, address)
	if _, ok := members["jwks_uri"]; ok || members["issuer"] != "https://evil.test" {
		t.Errorf("got %v, want issuer https://evil.test and no jwks_uri", members)
	}
	issuer.SetMetadata(nil)
	if got := metadataOf(t, issuer, address)["issuer"]; got != issuer.URL() {
		t.Errorf("got issuer %v, want %s", got, issuer.URL())
	}
}

func TestConditionalRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		first, _ := get(t, issuer, issuer.JWKSURL())
		etag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
		if etag == "" || modified == "" {
			t.Fatalf("got ETag %q and Last-Modified %q, want both", etag, modified)
		}
		time.Sleep(time.Minute)
		tests := []struct {
			name   string
			before func()
			header []string
			want   int
		}{
			{"same ETag", func() {}, []string{"If-None-Match", etag}, 304},
			{"same time", func() {}, []string{"If-Modified-Since", modified}, 304},
			{"other ETag", func() {}, []string{"If-None-Match", `"other"`}, 200},
			{"rotated, old ETag", func() { issuer.Rotate("ES256") }, []string{"If-None-Match", etag}, 200},
			{"rotated, old time", func() {}, []string{"If-Modified-Since", modified}, 200},
			{"an ETag of the test's", func() { issuer.SetHeader("etag", `"mine"`) }, []string{"If-None-Match", `"mine"`}, 304},
			{"no ETag", func() { issuer.SetHeader("ETag", "") }, []string{"If-None-Match", etag}, 200},
			{"no Last-Modified", func() { issuer.SetHeader("Last-Modified", "") },
				[]string{"If-Modified-Since", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)}, 200},
		}
		for _, test := range tests {
			test.before()
			response, body := get(t, issuer, issuer.JWKSURL(), test.header...)
			if response.StatusCode != test.want || (body == "") != (test.want == 304) {
				t.Errorf("%s: got status %d and %d bytes, want status %d", test.name, response.StatusCode, len(body), test.want)
			}
		}
		last, _ := get(t, issuer, issuer.JWKSURL())
		if last.Header["Etag"] != nil || last.Header["Last-Modified"] != nil {
			t.Errorf("got header %v, want neither ETag nor Last-Modified", last.Header)
		}
	})
}

func TestSetHeader(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	issuer.SetHeader("Cache-Control", "max-age=60")
	issuer.SetHeader("retry-after", "7")
	for _, fault := range []jwttest.Fault{nil, jwttest.Fail(503), jwttest.Truncate()} {
		issuer.Misbehave(fault)
		response, err := issuer.Client().Get(issuer.JWKSURL())
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.Header.Get("Cache-Control") != "max-age=60" || response.Header.Get("Retry-After") != "7" {
			t.Errorf("got header %v, want Cache-Control max-age=60 and Retry-After 7", response.Header)
		}
	}
}

func TestTraffic(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	get(t, issuer, issuer.JWKSURL(), "User-Agent", "one")
	get(t, issuer, issuer.MetadataURL())
	get(t, issuer, issuer.URL()+"/elsewhere")
	issuer.Misbehave(jwttest.Fail(500))
	get(t, issuer, issuer.JWKSURL(), "User-Agent", "two", "Accept", "application/json")
	if got := issuer.Fetches(); got != 2 {
		t.Errorf("got %d fetches, want 2", got)
	}
	if got := issuer.MetadataFetches(); got != 1 {
		t.Errorf("got %d metadata fetches, want 1", got)
	}
	requests := issuer.Requests()
	if len(requests) != 4 {
		t.Fatalf("got %d requests, want 4", len(requests))
	}
	if got := requests[3].Header; got.Get("User-Agent") != "two" || got.Get("Accept") != "application/json" {
		t.Errorf("got header %v, want User-Agent two and Accept application/json", got)
	}
	if got := requests[2].URL.Path; got != "/elsewhere" {
		t.Errorf("got path %q, want /elsewhere", got)
	}
	for range 200 {
		get(t, issuer, issuer.JWKSURL())
	}
	if got := len(issuer.Requests()); got != 100 {
		t.Errorf("got %d requests kept, want 100", got)
	}
	if got := issuer.Fetches(); got != 202 {
		t.Errorf("got %d fetches, want 202", got)
	}
}

func TestMethods(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405} {
		r, err := http.NewRequestWithContext(t.Context(), method, issuer.JWKSURL(), strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := issuer.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want || (len(body) == 0) != (method == "HEAD") {
			t.Errorf("%s: got status %d and %d bytes, want status %d", method, response.StatusCode, len(body), want)
		}
	}
}

// get asks the issuer without a socket, and fails the test if there is no whole answer.
func get(t *testing.T, issuer *jwttest.Issuer, address string, header ...string) (*http.Response, string) {
	t.Helper()
	response, body, err := tryGet(t.Context(), issuer, address, header...)
	if err != nil {
		t.Fatalf("%s: got %v, want an answer", address, err)
	}
	return response, body
}

func tryGet(ctx context.Context, issuer *jwttest.Issuer, address string, header ...string) (*http.Response, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, "", err
	}
	for n := 0; n < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	response, err := issuer.Client().Do(r)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}

func metadataOf(t *testing.T, issuer *jwttest.Issuer, address string) map[string]any {
	t.Helper()
	response, body := get(t, issuer, address)
	if got := response.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("got Content-Type %q, want application/json", got)
	}
	var members map[string]any
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return members
}
