package keyset_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

// poolSize is how many keys there are. The kid of the n-th is kidName(n).
const poolSize = 8

func kidName(n int) string { return fmt.Sprintf("k%d", n) }

// pool holds the keys, and the text of each as a JWK.
var pool = sync.OnceValue(func() (p struct {
	keys [poolSize]*jws.Key
	jwks [poolSize]string
}) {
	for n := range poolSize {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		point, err := private.PublicKey.Bytes()
		if err != nil {
			panic(err)
		}
		if p.keys[n], err = jws.NewKey(&private.PublicKey); err != nil {
			panic(err)
		}
		text := base64.RawURLEncoding.EncodeToString
		p.jwks[n] = fmt.Sprintf(`{"kty":"EC","crv":"P-256","kid":%q,"x":%q,"y":%q}`, kidName(n), text(point[1:33]), text(point[33:]))
	}
	return p
})

// document is the key set of these kids.
func (k kidSet) document() string {
	var jwks []string
	for n := range poolSize {
		if k&(1<<n) != 0 {
			jwks = append(jwks, pool().jwks[n])
		}
	}
	return `{"keys":[` + strings.Join(jwks, ",") + `]}`
}

// documents finds the kids of a document that was published.
var documents = sync.OnceValue(func() map[string]kidSet {
	all := make(map[string]kidSet)
	for k := range kidSet(1 << poolSize) {
		all[k.document()] = k
	}
	return all
})

// freshness is what an answer can say about its age, and what the contract makes of it. Silence is no maxAge.
var freshness = []struct {
	header http.Header
	maxAge time.Duration
}{
	{http.Header{}, 0},
	{http.Header{"Cache-Control": {"max-age=600"}}, 10 * time.Minute},
	{http.Header{"Cache-Control": {"max-age=0"}}, shortestAge},
	{http.Header{"Cache-Control": {"no-store, max-age=7200"}}, shortestAge},
	{http.Header{"Cache-Control": {"public", "max-age=7200"}, "Age": {"600"}}, 110 * time.Minute},
	{http.Header{"Cache-Control": {"max-age=315360000"}}, longestAge},
	{http.Header{"Expires": {"0"}}, shortestAge},
}

// exchange is one request, and what the issuer would publish in answer to it.
type exchange struct {
	*http.Request
	document string
}

func (x exchange) answer(status int, body io.Reader, header ...string) (*http.Response, error) {
	h := make(http.Header)
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(body), Request: x.Request}, nil
}

func (x exchange) text(status int, body string, header ...string) (*http.Response, error) {
	return x.answer(status, strings.NewReader(body), header...)
}

// hostile is an answer that is none, and the Retry-After that counts.
type hostile struct {
	name       string
	retryAfter time.Duration
	serve      func(exchange) (*http.Response, error)
}

// reader reads what its function gives.
type reader func([]byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

// dripping gives text, and then nothing until the context ends.
func dripping(ctx context.Context, text string) io.Reader {
	return io.MultiReader(strings.NewReader(text), reader(func([]byte) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}))
}

// hostileAnswers may come instead of metadata as well as instead of keys.
var hostileAnswers = []hostile{
	{"500", 0, func(x exchange) (*http.Response, error) { return x.text(500, x.document) }},
	{"503", 0, func(x exchange) (*http.Response, error) { return x.text(503, "") }},
	{"404 with keys", 0, func(x exchange) (*http.Response, error) { return x.text(404, x.document) }},
	{"204", 0, func(x exchange) (*http.Response, error) { return x.text(204, "") }},
	{"206 with keys", 0, func(x exchange) (*http.Response, error) { return x.text(206, x.document) }},
	{"302 elsewhere", 0, func(x exchange) (*http.Response, error) {
		return x.text(302, "", "Location", "https://issuer.test/other")
	}},
	{"307 to http", 0, func(x exchange) (*http.Response, error) {
		return x.text(307, x.document, "Location", "http://issuer.test/")
	}},
	{"hangs", 0, func(x exchange) (*http.Response, error) { <-x.Context().Done(); return nil, x.Context().Err() }},
	{"body hangs", 0, func(x exchange) (*http.Response, error) { return x.answer(200, dripping(x.Context(), x.document[:9])) }},
	{"body breaks off", 0, func(x exchange) (*http.Response, error) { return x.answer(200, broken(x.document[:20])) }},
	{"body panics", 0, func(x exchange) (*http.Response, error) {
		return x.answer(200, reader(func([]byte) (int, error) { panic("read") }))
	}},
	{"connection refused", 0, func(exchange) (*http.Response, error) { return nil, errors.New("connection refused") }},
	{"DNS", 0, func(exchange) (*http.Response, error) { return nil, &net.DNSError{Err: "no such host"} }},
	{"neither answer nor error", 0, func(exchange) (*http.Response, error) { return nil, nil }},
	{"panic", 0, func(exchange) (*http.Response, error) { panic("out of cheese") }},
	{"panic with nil", 0, func(exchange) (*http.Response, error) { panic(nil) }},
	{"Goexit", 0, func(exchange) (*http.Response, error) { runtime.Goexit(); return nil, nil }},
	{"a page", 0, func(x exchange) (*http.Response, error) { return x.text(200, "<!DOCTYPE html><html>Sign in</html>") }},
	{"no key", 0, func(x exchange) (*http.Response, error) { return x.text(200, `{"keys":[]}`) }},
	{"a secret alone", 0, func(x exchange) (*http.Response, error) {
		return x.text(200, `{"keys":[{"kty":"oct","kid":"k0","k":"c2VjcmV0"}]}`)
	}},
	{"truncated", 0, func(x exchange) (*http.Response, error) { return x.text(200, x.document[:len(x.document)-2]) }},
	{"bytes behind the document", 0, func(x exchange) (*http.Response, error) { return x.text(200, x.document+"x") }},
	{"keys twice", 0, func(x exchange) (*http.Response, error) { return x.text(200, `{"keys":[],`+x.document[1:]) }},
	{"too long", 0, func(x exchange) (*http.Response, error) {
		return x.text(200, strings.Repeat(" ", maxOctets)+x.document)
	}},
	{"too many keys", 0, func(x exchange) (*http.Response, error) {
		return x.text(200, `{"keys":[`+strings.Repeat("{},", maxElements)+x.document[len(`{"keys":[`):])
	}},
	{"429, Retry-After 20", 20 * time.Second, func(x exchange) (*http.Response, error) { return x.text(429, "", "Retry-After", "20") }},
	{"503, Retry-After 3600", time.Minute, func(x exchange) (*http.Response, error) { return x.text(503, "", "Retry-After", "3600") }},
	{"429, Retry-After 0", time.Second, func(x exchange) (*http.Response, error) { return x.text(429, "", "Retry-After", "0") }},
	{"503, Retry-After soon", 0, func(x exchange) (*http.Response, error) { return x.text(503, "", "Retry-After", "soon") }},
	{"500, Retry-After 30", 0, func(x exchange) (*http.Response, error) { return x.text(500, "", "Retry-After", "30") }},
	{"503, Retry-After a past date", time.Second, func(x exchange) (*http.Response, error) {
		return x.text(503, "", "Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT")
	}},
}

// badMetadata may come instead of metadata.
var badMetadata = []hostile{
	{"metadata of another issuer", 0, func(x exchange) (*http.Response, error) {
		return x.text(200, `{"issuer":"https://evil.test","jwks_uri":"https://issuer.test/jwks"}`)
	}},
	{"metadata without jwks_uri", 0, func(x exchange) (*http.Response, error) { return x.text(200, `{"issuer":"https://issuer.test"}`) }},
	{"metadata name http", 0, func(x exchange) (*http.Response, error) {
		return x.text(200, `{"issuer":"https://issuer.test","jwks_uri":"http://issuer.test/jwks"}`)
	}},
	{"metadata are keys", 0, func(x exchange) (*http.Response, error) { return x.text(200, x.document) }},
}

func broken(text string) io.Reader {
	return io.MultiReader(strings.NewReader(text), reader(func([]byte) (int, error) { return 0, errors.New("connection reset") }))
}
