package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/crypto/bcrypt"

	"github.com/jwtmw/jwtmw/core"
)

// login is the service behind a real socket.
type login struct {
	*service
	url string

	mu  sync.Mutex // guards log and now
	log bytes.Buffer
	now time.Time
}

func (l *login) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(p)
}

func (l *login) logged() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.String()
}

func (l *login) pass(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

func start(t *testing.T, dir string) *login {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	l := &login{now: time.Now().Truncate(time.Millisecond)} // as the table keeps it
	var router http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { router.ServeHTTP(w, r) }))
	l.url = server.URL
	s, err := open(t.Context(), l.url, dir, bcrypt.MinCost, slog.New(slog.NewTextHandler(l, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.sessions.now = func() time.Time {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.now
	}
	l.service, router = s, s.router()
	t.Cleanup(func() {
		server.Close()
		s.close()
	})
	return l
}

// post sends a JSON body and returns the status, the answer and its error code.
func (l *login) post(t *testing.T, path string, body any) (int, answer, string) {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(l.url+path, "application/json", bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var got struct {
		answer
		Error string `json:"error"`
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: got %q: %v", path, text, err)
		}
		if cc := response.Header.Get("Cache-Control"); cc != "no-store" {
			t.Errorf("%s: got Cache-Control %q, want no-store", path, cc)
		}
	}
	return response.StatusCode, got.answer, got.Error
}

func (l *login) me(t *testing.T, access string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.url+"/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	if access != "" {
		request.Header.Set("Authorization", "Bearer "+access)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

type refresh struct {
	RefreshToken string `json:"refresh_token"`
}

func (l *login) alice(t *testing.T) answer {
	t.Helper()
	status, got, code := l.post(t, "/login", map[string]string{"username": "alice", "password": "wonderland"})
	if status != 200 || got.AccessToken == "" || got.RefreshToken == "" || got.TokenType != "Bearer" || got.ExpiresIn != 900 {
		t.Fatalf("got %d %s, want tokens", status, code)
	}
	return got
}

func TestWholeSession(t *testing.T) {
	l := start(t, t.TempDir())
	first := l.alice(t)
	if status, body := l.me(t, first.AccessToken); status != 200 || !strings.Contains(body, `"user":"alice"`) || !strings.Contains(body, "admin") {
		t.Errorf("/me: got %d %s, want alice, an admin", status, body)
	}
	if status, _ := l.me(t, ""); status != 401 {
		t.Errorf("/me without a token: got %d, want 401", status)
	}

	// Another service takes the token, and knows nothing but the login's name.
	other, err := core.New(core.Config{Issuer: l.url, Audiences: []string{l.url}, Profile: core.ProfileRFC9068})
	if err != nil {
		t.Fatal(err)
	}
	if claims, err := other.Verify(t.Context(), first.AccessToken); err != nil || claims.Subject != "alice" || claims.Header.Algorithm != core.ES256 ||
		claims.Expiry.Sub(claims.IssuedAt) != 15*time.Minute {
		t.Errorf("got %v and %v, want 15 minutes of alice by ES256", claims, err)
	}

	last := first
	for range 3 {
		l.pass(15 * time.Minute)
		status, next, code := l.post(t, "/refresh", refresh{last.RefreshToken})
		if status != 200 || next.RefreshToken == last.RefreshToken || next.AccessToken == last.AccessToken {
			t.Fatalf("/refresh: got %d %s, want other tokens", status, code)
		}
		if status, _ := l.me(t, next.AccessToken); status != 200 {
			t.Errorf("/me: got %d, want 200", status)
		}
		last = next
	}
	if status, _, _ := l.post(t, "/logout", refresh{last.RefreshToken}); status != 204 {
		t.Errorf("/logout: got %d, want 204", status)
	}
	if status, _, code := l.post(t, "/refresh", refresh{last.RefreshToken}); status != 400 || code != "invalid_grant" {
		t.Errorf("/refresh after /logout: got %d %s, want 400 invalid_grant", status, code)
	}
	if status, _, _ := l.post(t, "/logout", refresh{"nobody's"}); status != 204 {
		t.Errorf("/logout of nobody: got %d, want 204", status)
	}
	for _, secret := range []string{"wonderland", first.AccessToken, first.RefreshToken, last.RefreshToken} {
		if strings.Contains(l.logged(), secret) {
			t.Errorf("got %q in the log:\n%s", secret, l.logged())
		}
	}
}

// Twenty at once get one successor, in one answer; so does one within the grace.
// After it the whole session is over.
func TestReuse(t *testing.T) {
	l := start(t, t.TempDir())
	first := l.alice(t)
	bystander := l.alice(t)
	answers := make([]answer, 20)
	var group sync.WaitGroup
	for n := range answers {
		group.Go(func() {
			status, got, code := l.post(t, "/refresh", refresh{first.RefreshToken})
			if status != 200 {
				t.Errorf("got %d %s, want 200", status, code)
			}
			answers[n] = got
		})
	}
	group.Wait()
	for _, got := range answers {
		if got != answers[0] {
			t.Fatalf("got two answers, want one")
		}
	}
	l.pass(grace)
	if status, got, _ := l.post(t, "/refresh", refresh{first.RefreshToken}); status != 200 || got != answers[0] {
		t.Errorf("within the grace: got %d and another answer, want the same", status)
	}
	status, next, _ := l.post(t, "/refresh", refresh{answers[0].RefreshToken})
	if status != 200 {
		t.Fatalf("the successor: got %d, want 200", status)
	}
	l.pass(time.Millisecond)
	if status, _, code := l.post(t, "/refresh", refresh{first.RefreshToken}); status != 400 || code != "invalid_grant" {
		t.Errorf("after the grace: got %d %s, want 400", status, code)
	}
	for name, token := range map[string]string{"successor": answers[0].RefreshToken, "its successor": next.RefreshToken, "first": first.RefreshToken} {
		if status, _, _ := l.post(t, "/refresh", refresh{token}); status != 400 {
			t.Errorf("%s after the reuse: got %d, want 400", name, status)
		}
	}
	if status, _, _ := l.post(t, "/refresh", refresh{bystander.RefreshToken}); status != 200 {
		t.Errorf("another session: got %d, want 200", status)
	}
	if got := strings.Count(l.logged(), "refresh token used again"); got != 1 {
		t.Errorf("got %d lines, want one:\n%s", got, l.logged())
	}
}

func TestExpiry(t *testing.T) {
	l := start(t, t.TempDir())
	idleToken := l.alice(t).RefreshToken
	used := l.alice(t)
	for range 6 {
		l.pass(13 * 24 * time.Hour)
		status, next, _ := l.post(t, "/refresh", refresh{used.RefreshToken})
		if status != 200 {
			t.Fatalf("got %d, want 200 for a session in use", status)
		}
		used = next
	}
	if status, _, _ := l.post(t, "/refresh", refresh{idleToken}); status != 400 {
		t.Errorf("unused for 78 days: got %d, want 400", status)
	}
	l.pass(13 * 24 * time.Hour) // 91 days
	if status, _, _ := l.post(t, "/refresh", refresh{used.RefreshToken}); status != 400 {
		t.Errorf("after 90 days: got %d, want 400", status)
	}
}

// A restart keeps keys, users and sessions; who is removed is out with the next refresh.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	l := start(t, dir)
	first := l.alice(t)
	l.service.close()
	again := start(t, dir)
	status, next, code := again.post(t, "/refresh", refresh{first.RefreshToken})
	if status != 200 {
		t.Fatalf("got %d %s, want 200", status, code)
	}
	if _, err := again.sessions.db.ExecContext(t.Context(), `DELETE FROM users WHERE name = 'alice'`); err != nil {
		t.Fatal(err)
	}
	if status, _, code := again.post(t, "/refresh", refresh{next.RefreshToken}); status != 400 || code != "invalid_grant" {
		t.Errorf("a removed user: got %d %s, want 400", status, code)
	}
	for _, name := range []string{"ring", "login.db", "login.db-wal"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, secret := range []string{first.RefreshToken, next.RefreshToken, next.AccessToken, "wonderland"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %q in clear", name, secret)
			}
		}
	}
}

func TestRefusedLogins(t *testing.T) {
	l := start(t, t.TempDir())
	for _, tt := range []struct{ name, body, contentType, want string }{
		{"wrong password", `{"username":"alice","password":"x"}`, "application/json", "401 invalid_credentials"},
		{"unknown user", `{"username":"mallory","password":"x"}`, "application/json", "401 invalid_credentials"},
		{"no name", `{"username":"","password":"nobody"}`, "application/json", "401 invalid_credentials"},
		{"the password of nobody", `{"username":"eve","password":"nobody"}`, "application/json", "401 invalid_credentials"},
		{"long name", `{"username":"` + strings.Repeat("a", 200) + `","password":"x"}`, "application/json", "401 invalid_credentials"},
		{"long password", `{"username":"bob","password":"` + strings.Repeat("x", 100) + `"}`, "application/json", "401 invalid_credentials"},
		{"empty", ``, "application/json", "400 invalid_request"},
		{"no object", `[]`, "application/json", "400 invalid_request"},
		{"another member", `{"username":"alice","password":"wonderland","admin":true}`, "application/json", "400 invalid_request"},
		{"two objects", `{"username":"alice","password":"wonderland"}{}`, "application/json", "400 invalid_request"},
		{"a form", `username=alice&password=wonderland`, "application/x-www-form-urlencoded", "415 want_json"},
		{"as text", `{"username":"alice","password":"wonderland"}`, "text/plain", "415 want_json"},
		{"too large", `{"username":"` + strings.Repeat("a", 5000) + `"}`, "application/json", "413 too_large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			response, err := http.Post(l.url+"/login", tt.contentType, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var got struct{ Error string }
			if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%d %s", response.StatusCode, got.Error); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	for _, path := range []string{"/refresh", "/logout"} {
		if status, _, code := l.post(t, path, refresh{}); status != 400 || code != "invalid_request" {
			t.Errorf("%s without a token: got %d %s, want 400", path, status, code)
		}
	}
}

// A name can be guessed at five times, whether it exists or not.
func TestGuesses(t *testing.T) {
	l := start(t, t.TempDir())
	for _, name := range []string{"alice", "nobody-at-all"} {
		var got []int
		for range 6 {
			status, _, _ := l.post(t, "/login", map[string]string{"username": name, "password": "x"})
			got = append(got, status)
		}
		if fmt.Sprint(got) != "[401 401 401 401 401 429]" {
			t.Errorf("%s: got %v, want five times 401 and then 429", name, got)
		}
	}
	if status, _, _ := l.post(t, "/login", map[string]string{"username": "bob", "password": "builder"}); status != 200 {
		t.Errorf("another name: got %d, want 200", status)
	}
}

// A login costs one hash whether the name exists or not: counted, and not timed.
func TestOneHashWhateverTheName(t *testing.T) {
	l := start(t, t.TempDir())
	for len(l.users.hashing) < cap(l.users.hashing) { // every hash has to wait from here on
		l.users.hashing <- struct{}{}
	}
	for _, name := range []string{"alice", "nobody-at-all", ""} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if _, err := l.users.check(ctx, name, "x"); err == nil || err == errWrongCredentials {
			t.Errorf("%q: got %v, want it to wait for its hash", name, err)
		}
		cancel()
	}
}

func TestPortTaken(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address := listener.Addr().String()
	err = run(t.Context(), []string{"-listen", address}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), address+" is taken") || !strings.Contains(err.Error(), "-listen") {
		t.Errorf("got %v, want the address and what to do", err)
	}
}

func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-listen", "127.0.0.1:0"}, write) }()
	text := make([]byte, 4096)
	var said string
	for !strings.Contains(said, "curl") {
		n, err := read.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		said += string(text[:n])
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	_, rest, _ := strings.Cut(said, "listening on ")
	address, _, _ := strings.Cut(rest, ";")
	for _, path := range []string{"/readyz", "/.well-known/jwks.json", "/.well-known/openid-configuration"} {
		response, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 200 {
			t.Errorf("%s: got %d, want 200", path, response.StatusCode)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got %v, want a quiet end", err)
	}
	_ = write.Close()
}
