package migration

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/jwtmw/jwtmw/core/issue"
)

// shop has two users and forgets its sessions with the test.
type shop map[string]string // user by refresh token

func (shop) check(_ context.Context, name, password string) (bool, error) {
	return (name == "alice" || name == "bob") && password == "secret", nil
}

func (shop) roles(_ context.Context, name string) ([]string, error) {
	if name == "alice" {
		return []string{"admin"}, nil
	}
	return nil, nil
}

func (s shop) start(_ context.Context, user string) (string, error) {
	s["first of "+user] = user
	return "first of " + user, nil
}

func (s shop) use(_ context.Context, token string) (user, next string, err error) {
	user, ok := s[token]
	if !ok {
		return "", "", errEnded
	}
	delete(s, token)
	s["next of "+user] = user
	return user, "next of " + user, nil
}

func (s shop) end(_ context.Context, token string) error {
	delete(s, token)
	return nil
}

func TestGinJWTLogin(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	issuer, err := issue.New(issue.Config{
		Issuer: "https://shop.example.com",
		Keys:   issue.Ring{Store: issue.FileStore(filepath.Join(t.TempDir(), "ring"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	sessions := shop{}
	router := ginJWTLogin(issuer, sessions, sessions)

	send := func(path, contentType, body string) (int, map[string]any) {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		var got map[string]any
		_ = json.Unmarshal(w.Body.Bytes(), &got) // nil where there is no body
		return w.Code, got
	}
	hello := func(token any) int {
		text, _ := token.(string)
		response := recorded(router)(ask(text))
		return response.StatusCode
	}
	form := func(token any) string {
		text, _ := token.(string)
		return url.Values{"refresh_token": {text}}.Encode()
	}
	const object, urlencoded = "application/json", "application/x-www-form-urlencoded"

	status, alice := send("/login", object, `{"username":"alice","password":"secret"}`)
	if status != 200 || hello(alice["access_token"]) != 200 {
		t.Errorf("alice: got %d and %d, want 200 twice", status, hello(alice["access_token"]))
	}
	status, bob := send("/login", object, `{"username":"bob","password":"secret"}`)
	if status != 200 || hello(bob["access_token"]) != 403 {
		t.Errorf("bob, no admin: got %d and %d, want 200 and 403", status, hello(bob["access_token"]))
	}
	if status, _ := send("/login", object, `{"username":"alice","password":"x"}`); status != 401 {
		t.Errorf("wrong password: got %d, want 401", status)
	}
	if status, _ := send("/login", object, strings.Repeat("x", 5000)); status != 400 {
		t.Errorf("no JSON: got %d, want 400", status)
	}
	status, next := send("/refresh", urlencoded, form(alice["refresh_token"]))
	if status != 200 || hello(next["access_token"]) != 200 {
		t.Errorf("refresh: got %d and %d, want 200 twice", status, hello(next["access_token"]))
	}
	if status, _ := send("/refresh", urlencoded, form(alice["refresh_token"])); status != 400 {
		t.Errorf("used: got %d, want 400", status)
	}
	if status, _ := send("/logout", urlencoded, form(next["refresh_token"])); status != 204 {
		t.Errorf("logout: got %d, want 204", status)
	}
	if status, _ := send("/refresh", urlencoded, form(next["refresh_token"])); status != 400 {
		t.Errorf("after logout: got %d, want 400", status)
	}
}
