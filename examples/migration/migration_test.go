package migration

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

var secret = []byte(strings.Repeat("s", 32))

// handlers are the results of every migration.
func handlers(t *testing.T, publicKey []byte) map[string]func(*http.Request) *http.Response {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	router, err := ginJWT(secret)
	if err != nil {
		t.Fatal(err)
	}
	app, err := fiberContrib()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]func(*http.Request) *http.Response{
		"golang-jwt": recorded(golangJWT(publicKey)), "echo-jwt": recorded(echoJWT(secret)), "gofiber/contrib/jwt": tested(t, app),
		"gin-jwt": recorded(router), "auth0": recorded(auth0()),
	}
}

func recorded(h http.Handler) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
}

func tested(t *testing.T, app *fiber.App) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		response, err := app.Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
}

func ask(token string) *http.Request {
	r := httptest.NewRequest("GET", "/hello", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
		r.AddCookie(&http.Cookie{Name: "session", Value: token})
	}
	return r
}

func TestRefusals(t *testing.T) {
	issuer := jwttest.NewIssuer("https://login.example.com/")
	for name, serve := range handlers(t, issuer.PublicKeyPEM("RS256")) {
		for what, token := range map[string]string{"no token": "", "unsigned": issuer.Token(nil, jwttest.Unsigned()), "no token at all": "x"} {
			response := serve(ask(token))
			response.Body.Close()
			if response.StatusCode != 401 || !strings.HasPrefix(response.Header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s, %s: got %d %q, want 401 and a Bearer challenge", name, what, response.StatusCode, response.Header.Get("WWW-Authenticate"))
			}
		}
	}
}

func TestAccepted(t *testing.T) {
	login := jwttest.NewIssuer("https://login.example.com/")
	serve := handlers(t, login.PublicKeyPEM("RS256"))
	hs256 := jwttest.HMAC("HS256", secret)
	for _, test := range []struct {
		name   string
		issuer *jwttest.Issuer
		claims map[string]any
		option jwttest.TokenOption
		body   string
	}{
		{"golang-jwt", login, map[string]any{"aud": "https://api.example.com"}, jwttest.Algorithm("RS256"), "alice\n"},
		{"echo-jwt", jwttest.NewIssuer("https://accounts.example.com"), map[string]any{"aud": "https://api.example.com", "name": "Alice"}, hs256, "Alice"},
		{"gin-jwt", jwttest.NewIssuer("https://shop.example.com"), map[string]any{"aud": "https://shop.example.com", "roles": []string{"admin"}}, hs256, "alice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			response := serve[test.name](ask(test.issuer.Token(test.claims, test.option)))
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != 200 || string(body) != test.body {
				t.Errorf("got %d %q, %v, want 200 %q", response.StatusCode, body, err, test.body)
			}
			test.claims["exp"] = nil
			if response := serve[test.name](ask(test.issuer.Token(test.claims, test.option))); response.StatusCode != 401 {
				t.Errorf("no exp: got %d, want 401", response.StatusCode)
			}
		})
	}
}

func TestKeyfunc(t *testing.T) {
	v, err := keyfunc()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := subject(t.Context(), v, "x"); core.RefusalOf(err) == nil || core.RefusalOf(err).Reason != core.ReasonMalformedToken {
		t.Errorf("got %v, want malformed_token", err)
	}
}
