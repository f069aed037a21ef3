package keyset

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
)

const keysURL = "https://issuer.test/jwks"

// keyOf returns the one P-256 key that the tests give to kid.
func keyOf(kid string) *ecdsa.PublicKey {
	ecKeys.mu.Lock()
	defer ecKeys.mu.Unlock()
	key := ecKeys.of[kid]
	if key == nil {
		key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		ecKeys.of[kid] = key
	}
	return &key.PublicKey
}

var ecKeys = struct {
	mu sync.Mutex
	of map[string]*ecdsa.PrivateKey
}{of: make(map[string]*ecdsa.PrivateKey)}

var rsaPair = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func b64(octets []byte) string {
	return base64.RawURLEncoding.EncodeToString(octets)
}

// jwkText writes a JWK of the members in pairs: later ones replace earlier ones, a nil value removes one.
func jwkText(base map[string]any, pairs ...any) string {
	members := make(map[string]any)
	for name, value := range base {
		members[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		members[pairs[i].(string)] = pairs[i+1]
		if pairs[i+1] == nil {
			delete(members, pairs[i].(string))
		}
	}
	text, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func ecMembers(kid string) map[string]any {
	point, err := keyOf(kid).Bytes()
	if err != nil {
		panic(err)
	}
	return map[string]any{"kty": "EC", "crv": "P-256", "kid": kid, "x": b64(point[1:33]), "y": b64(point[33:])}
}

func rsaMembers(kid string) map[string]any {
	public := rsaPair().PublicKey
	return map[string]any{"kty": "RSA", "kid": kid, "n": b64(public.N.Bytes()), "e": b64(big.NewInt(int64(public.E)).Bytes())}
}

func okpMembers(kid string) map[string]any {
	return map[string]any{"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(edKey())}
}

var edKey = sync.OnceValue(func() ed25519.PublicKey {
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return public
})

// setText is a JWKS of such JWKs.
func setText(jwks ...string) string {
	return `{"keys":[` + strings.Join(jwks, ",") + `]}`
}

// kids is a JWKS of one P-256 key for each kid.
func kids(names ...string) string {
	var jwks []string
	for _, name := range names {
		jwks = append(jwks, jwkText(ecMembers(name)))
	}
	return setText(jwks...)
}

// issuer is an issuer without a socket. It is an http.RoundTripper.
type issuer struct {
	mu    sync.Mutex // guards what follows
	serve func(*http.Request) (*http.Response, error)
	asked []*http.Request
}

func newIssuer(serve func(*http.Request) (*http.Response, error)) *issuer {
	return &issuer{serve: serve}
}

func (i *issuer) RoundTrip(request *http.Request) (*http.Response, error) {
	i.mu.Lock()
	i.asked = append(i.asked, request)
	serve := i.serve
	i.mu.Unlock()
	return serve(request)
}

func (i *issuer) now(serve func(*http.Request) (*http.Response, error)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.serve = serve
}

func (i *issuer) requests() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.asked)
}

func (i *issuer) last() *http.Request {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[len(i.asked)-1]
}

// options are those of a source that asks i.
func (i *issuer) options() Options {
	return Options{Client: &http.Client{Transport: i}}
}

// source asks i for its key set, with defaults.
func (i *issuer) source() *remote {
	return JWKS(keysURL, i.options()).(*remote)
}

// status answers with a status, a body and header fields in pairs.
func status(code int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h := make(http.Header)
		for i := 0; i < len(header); i += 2 {
			h.Add(header[i], header[i+1])
		}
		return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

// ok answers a body that is fresh for ten minutes, without jitter.
func ok(body string) func(*http.Request) (*http.Response, error) {
	return status(200, body, "Cache-Control", "max-age=600")
}

// after answers so late.
func after(d time.Duration, serve func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(d):
			return serve(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// hang never answers.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func broken(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection refused")
}

// byPath serves several documents.
func byPath(pages map[string]func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		if serve := pages[r.URL.Path]; serve != nil {
			return serve(r)
		}
		return status(404, "not found")(r)
	}
}

// verdicts of Key, as the tests spell them.
const (
	found       = "key"
	unknown     = "unknown"
	ambiguous   = "ambiguous"
	wrong       = "wrong"
	unavailable = "unavailable"
)

func verdict(key *jws.Key, err error) string {
	_, down := errors.AsType[*UnavailableError](err)
	switch {
	case err == nil && key != nil:
		return found
	case down:
		return unavailable
	case errors.Is(err, ErrUnknownKey):
		return unknown
	case errors.Is(err, ErrAmbiguousKey):
		return ambiguous
	case errors.Is(err, ErrWrongKey):
		return wrong
	default:
		return fmt.Sprintf("key %v, error %v", key, err)
	}
}

// ask asks for an ES256 key and returns the verdict, and how long it took by the bubble's clock.
func ask(s Source, kid string) (string, time.Duration) {
	start := time.Now()
	key, _, err := s.Key(context.Background(), kid, true, jws.ES256)
	return verdict(key, err), time.Since(start)
}

// wantAnswer asks and compares; took is exact, because the bubble's clock stands still while anybody runs.
func wantAnswer(t *testing.T, s Source, kid, want string, took time.Duration) {
	t.Helper()
	got, waited := ask(s, kid)
	if got != want || waited != took {
		t.Errorf("kid %q: got %s after %s, want %s after %s", kid, got, waited, want, took)
	}
}

func wantRequests(t *testing.T, i *issuer, want int) {
	t.Helper()
	if got := i.requests(); got != want {
		t.Errorf("got %d requests, want %d", got, want)
	}
}

func wantState(t *testing.T, s Source, want string) {
	t.Helper()
	if got := s.Stats().State; got != want {
		t.Errorf("got state %q, want %q", got, want)
	}
}

// journal is a Logger that keeps its lines.
type journal struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, nil))
}

func (j *journal) count(message string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), message)
}
