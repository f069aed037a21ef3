package jwttest_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// Each fault shows the same face without a socket and over one.
func TestFaultsThatAnswer(t *testing.T) {
	const nothing = -1
	tests := []struct {
		name        string
		fault       jwttest.Fault
		status      int
		contentType string
		body        func(good string) string
		broken      bool
	}{
		{"fail", jwttest.Fail(503), 503, "text/plain; charset=utf-8", fixed("Service Unavailable\n"), false},
		{"empty", jwttest.Empty(), 200, "application/jwk-set+json", fixed(`{"keys":[]}`), false},
		{"html", jwttest.HTML(), 200, "text/html; charset=utf-8", fixed("<!doctype html><title>Back soon</title>\n"), false},
		{"answer", jwttest.Answer(201, "a/b", []byte("c")), 201, "a/b", fixed("c"), false},
		{"pad", jwttest.Pad(1 << 20), 200, "application/jwk-set+json", func(good string) string {
			return strings.Repeat(" ", 1<<20-len(good)) + good
		}, false},
		{"pad less than there is", jwttest.Pad(5), 200, "application/jwk-set+json", func(good string) string { return good }, false},
		{"truncate", jwttest.Truncate(), 200, "application/jwk-set+json", func(good string) string { return good[:len(good)/2] }, true},
		{"drop", jwttest.Drop(), nothing, "", nil, true},
	}
	served := jwttest.Serve(t)
	for _, test := range tests {
		for transport, client := range map[string]*http.Client{"socket": {Transport: &http.Transport{DisableKeepAlives: true}}, "none": served.Client()} {
			t.Run(test.name+"/"+transport, func(t *testing.T) {
				served.Misbehave(test.fault)
				response, err := client.Get(served.JWKSURL())
				if test.status == nothing {
					if err == nil {
						t.Fatalf("got status %d, want no answer", response.StatusCode)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				body, err := io.ReadAll(response.Body)
				if got := errors.Is(err, io.ErrUnexpectedEOF); got != test.broken {
					t.Errorf("got a broken body: %t (%v), want %t", got, err, test.broken)
				}
				if response.StatusCode != test.status || response.Header.Get("Content-Type") != test.contentType {
					t.Errorf("got status %d, %q, want %d, %q", response.StatusCode, response.Header.Get("Content-Type"), test.status, test.contentType)
				}
				if want := test.body(string(served.JWKS())); string(body) != want {
					t.Errorf("got %d bytes %.60q, want %d bytes %.60q", len(body), body, len(want), want)
				}
			})
		}
	}
}

func TestFaultsOfOneDocument(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	metadata := issuer.MetadataURL()
	steps := []struct {
		name           string
		change         func()
		keys, metadata int
	}{
		{"well", func() {}, 200, 200},
		{"keys fail", func() { issuer.Misbehave(jwttest.Fail(500), jwttest.JWKS) }, 500, 200},
		{"metadata fails too", func() { issuer.Misbehave(jwttest.Fail(404), jwttest.Metadata) }, 500, 404},
		{"keys recover", func() { issuer.Recover(jwttest.JWKS) }, 200, 404},
		{"everything fails", func() { issuer.Misbehave(jwttest.Fail(503)) }, 503, 503},
		{"everything recovers", func() { issuer.Recover() }, 200, 200},
	}
	for _, step := range steps {
		step.change()
		keys, _ := get(t, issuer, issuer.JWKSURL())
		meta, _ := get(t, issuer, metadata)
		if keys.StatusCode != step.keys || meta.StatusCode != step.metadata {
			t.Errorf("%s: got status %d and %d, want %d and %d", step.name, keys.StatusCode, meta.StatusCode, step.keys, step.metadata)
		}
	}
}

func TestTimes(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	issuer.Misbehave(jwttest.Times(2, jwttest.Fail(500)))
	for n, want := range []int{500, 500, 200, 200} {
		if response, _ := get(t, issuer, issuer.JWKSURL()); response.StatusCode != want {
			t.Errorf("request %d: got status %d, want %d", n+1, response.StatusCode, want)
		}
	}
}

func TestRedirect(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	issuer.Misbehave(jwttest.Redirect("https://elsewhere.test/jwks.json"))
	if _, _, err := tryGet(t.Context(), issuer, issuer.JWKSURL()); err == nil || !strings.Contains(err.Error(), "elsewhere.test") {
		t.Errorf("got error %v, want one that names elsewhere.test", err)
	}
	requests := issuer.Requests()
	if got := requests[len(requests)-1].URL.Host; got != "elsewhere.test" {
		t.Errorf("got a last request to %q, want one to elsewhere.test", got)
	}
	if got := issuer.Fetches(); got != 1 {
		t.Errorf("got %d fetches, want 1", got)
	}
}

func TestGzipBomb(t *testing.T) {
	issuer := jwttest.Serve(t)
	issuer.Misbehave(jwttest.GzipBomb(3<<20 + 1))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(issuer.JWKSURL())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if n != 3<<20+1 || err != nil || !response.Uncompressed {
		t.Errorf("got %d bytes, unpacked %t, error %v, want 3 MiB and one byte, unpacked", n, response.Uncompressed, err)
	}
}

func fixed(body string) func(string) string { return func(string) string { return body } }
