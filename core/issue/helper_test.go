package issue_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/issue"
)

const (
	issuerURL = "https://login.example.com"
	api       = "https://api.example.com"
	jwksPath  = "/.well-known/jwks.json"
)

// memory is a Store that counts, and does what a test asks of it.
type memory struct {
	mu       sync.Mutex // guards what follows
	document []byte
	loads    int
	swaps    int
	fail     error
	load     func(context.Context) // called before each Load
}

func (m *memory) Load(ctx context.Context) ([]byte, error) {
	m.mu.Lock()
	load := m.load
	m.mu.Unlock()
	if load != nil {
		load(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loads++
	if m.fail != nil {
		return nil, m.fail
	}
	return bytes.Clone(m.document), ctx.Err()
}

func (m *memory) Swap(_ context.Context, old, new []byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return false, m.fail
	}
	if (m.document == nil) != (old == nil) || !bytes.Equal(m.document, old) {
		return false, nil
	}
	m.swaps++
	m.document = bytes.Clone(new)
	return true, nil
}

func (m *memory) set(f func(*memory)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(m)
}

var errDown = errors.New("the store is down")

// sealer is one for tests that are about something else.
func sealer() issue.Sealer { return issue.SealWith(bytes.Repeat([]byte{7}, 32)) }

func newIssuer(t testing.TB, keys issue.Keys, change ...func(*issue.Config)) *issue.Issuer {
	t.Helper()
	config := issue.Config{Issuer: issuerURL, Keys: keys, Logger: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&config)
	}
	i, err := issue.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// alice is what most tokens of these tests say.
func alice() issue.Claims {
	return issue.Claims{Subject: "alice", Audience: []string{api}, ClientID: "web"}
}

func sign(t testing.TB, i *issue.Issuer) string {
	t.Helper()
	token, err := i.Sign(t.Context(), alice())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// get asks for a document and returns the answer.
func get(t testing.TB, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func keySet(t testing.TB, i *issue.Issuer) []byte {
	t.Helper()
	w := get(t, i, jwksPath)
	if w.Code != http.StatusOK {
		t.Fatalf("key set: got %d %s, want 200", w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// kids are the ids of the keys in the key set.
func kids(t testing.TB, i *issue.Issuer) []string {
	t.Helper()
	var set struct{ Keys []struct{ Kid string } }
	if err := json.Unmarshal(keySet(t, i), &set); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, k := range set.Keys {
		ids = append(ids, k.Kid)
	}
	return ids
}

// states are the states in Stats, in one word.
func states(i *issue.Issuer) string {
	var words []string
	for _, s := range i.Stats() {
		words = append(words, s.State)
	}
	return strings.Join(words, " ")
}

// verify has core judge the token with the key set as it is now.
func verify(t testing.TB, i *issue.Issuer, token string, algorithms ...core.Algorithm) (*core.Claims, error) {
	t.Helper()
	if len(algorithms) == 0 {
		algorithms = []core.Algorithm{core.ES256}
	}
	v, err := core.New(core.Config{
		Issuer: issuerURL, Audiences: []string{api}, Profile: core.ProfileRFC9068,
		Keys: core.JWKSDocument(keySet(t, i)), Algorithms: algorithms,
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.Verify(t.Context(), token)
}

// segment decodes the header or the payload of a token.
func segment(t testing.TB, token string, n int) map[string]any {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[n])
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

func kidOf(t testing.TB, token string) string {
	t.Helper()
	kid, _ := segment(t, token, 0)["kid"].(string)
	return kid
}

// logged is a logger whose lines a test reads.
func logged() (*slog.Logger, func() string) {
	var mu sync.Mutex
	var text bytes.Buffer
	handler := slog.NewTextHandler(writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return text.Write(p)
	}), nil)
	return slog.New(handler), func() string {
		mu.Lock()
		defer mu.Unlock()
		return text.String()
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
