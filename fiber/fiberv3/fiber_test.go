package jwtmw_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/jwttest/adaptertest"
	jwtmw "github.com/jwtmw/jwtmw/fiber/fiberv3"
)

func TestAdapter(t *testing.T) {
	for name, config := range map[string]fiber.Config{
		"default":                  {},
		"Immutable":                {Immutable: true},
		"PassLocalsToContext":      {PassLocalsToContext: true},
		"Immutable and PassLocals": {Immutable: true, PassLocalsToContext: true},
		"DisableHeaderNormalizing": {DisableHeaderNormalizing: true},
	} {
		config.ErrorHandler = jwtmw.ErrorHandler
		config.ReadBufferSize = 32 << 10
		t.Run(name, func(t *testing.T) {
			adaptertest.TestAdapter(t, func(l net.Listener, routes []adaptertest.Route) error {
				app := fiber.New(config)
				for _, route := range routes {
					handlers := handlersOf(route)
					app.Add(adaptertest.Methods(), route.Path, handlers[0], handlers[1:]...)
				}
				return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
			})
		})
	}
}

func handlersOf(route adaptertest.Route) (handlers []any) {
	if route.Metadata != nil {
		return []any{jwtmw.ResourceMetadata(*route.Metadata)}
	}
	handlers = append(handlers, func(c fiber.Ctx) error {
		defer route.Recover()
		return c.Next()
	})
	if len(route.Configs) > 0 {
		handlers = append(handlers, jwtmw.Fiber(route.Configs...))
	}
	if route.Guard != nil {
		handlers = append(handlers, jwtmw.Guard(*route.Guard))
	}
	if len(route.Requirements) > 0 {
		handlers = append(handlers, jwtmw.Require(route.Requirements...))
	}
	return append(handlers, func(c fiber.Ctx) error {
		claims, ok := jwtmw.FromContext(c)
		store := func(key string) any { return c.Locals(key) }
		return c.JSON(route.See(claims, ok, store, c.Context(), c.RequestCtx(), c))
	})
}

// An app that knows nothing of this package gets the status and the challenge right, and tells nothing else.
func TestDefaultErrorHandler(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	app := fiber.New()
	app.Use(jwtmw.Fiber(issuer.Config()))
	app.Get("/orders", jwtmw.Require(core.Func(denied)), unreachable(t))
	tests := []struct {
		name, token, challenge, body string
		status                       int
	}{
		{"no token", "", "Bearer", "a token is required", 401},
		{"expired", issuer.Token(map[string]any{"exp": 1}),
			`Bearer error="invalid_token", error_description="the token has expired"`, "the token has expired", 401},
		{"a cause that is an error of fiber", issuer.Token(nil),
			`Bearer error="insufficient_scope", error_description="the token does not permit this request"`, "the token does not permit this request", 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := send(t, app, test.token)
			if got.StatusCode != test.status || body(t, got) != test.body {
				t.Errorf("got %d %q, want %d %q", got.StatusCode, body(t, got), test.status, test.body)
			}
			if challenge := got.Header.Get("WWW-Authenticate"); challenge != test.challenge {
				t.Errorf("WWW-Authenticate: got %q, want %q", challenge, test.challenge)
			}
		})
	}
}

func denied(context.Context, *core.Claims) error {
	return fiber.NewError(fiber.StatusTeapot, "a secret of the service")
}

// A middleware that stands outside the guard, as the error handler does, sees why the request was refused, and no claims.
func TestRefusalIsAnErrorAndLeavesNoClaims(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		err := c.Next()
		if refusal, ok := errors.AsType[*core.Refusal](err); !ok || refusal.Reason != core.ReasonExpired {
			t.Errorf("got %v, want a *core.Refusal with reason expired", err)
		}
		if own, ok := errors.AsType[*fiber.Error](err); !ok || own.Code != 401 || own.Message != "the token has expired" {
			t.Errorf("got %v, want a *fiber.Error of 401", err)
		}
		if !errors.Is(err, core.ErrInvalidToken) {
			t.Errorf("got %v, want one that is core.ErrInvalidToken", err)
		}
		if stored := c.Locals(core.ContextKey); stored != nil {
			t.Errorf("fiber's store: got %v, want nothing", stored)
		}
		if claims, ok := jwtmw.FromContext(c); ok {
			t.Errorf("FromContext: got %v, want nothing", claims)
		}
		return err
	})
	app.Get("/orders", jwtmw.Fiber(issuer.Config()), unreachable(t))
	if got := send(t, app, issuer.Token(map[string]any{"exp": 1})); got.StatusCode != 401 {
		t.Errorf("got status %d, want 401", got.StatusCode)
	}
}

func TestErrorHandler(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	tests := []struct {
		name        string
		err         func(fiber.Ctx) error
		status      int
		challenge   bool
		contentType string
	}{
		{"a refusal that the handler itself returns", func(c fiber.Ctx) error {
			return core.Require(c.Context(), core.Scope("admin"))
		}, 403, true, "application/problem+json"},
		{"an error of fiber", func(fiber.Ctx) error { return fiber.ErrTeapot }, 418, false, "text/plain; charset=utf-8"},
		{"any other error", func(fiber.Ctx) error { return errors.New("own") }, 500, false, "text/plain; charset=utf-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			app := fiber.New(fiber.Config{ErrorHandler: jwtmw.ErrorHandler})
			app.Get("/orders", jwtmw.Fiber(issuer.Config()), test.err)
			got := send(t, app, issuer.Token(nil))
			if got.StatusCode != test.status || got.Header.Get("Content-Type") != test.contentType {
				t.Errorf("got %d with %q, want %d with %q", got.StatusCode, got.Header.Get("Content-Type"), test.status, test.contentType)
			}
			if challenge := got.Header.Get("WWW-Authenticate"); (challenge != "") != test.challenge {
				t.Errorf("WWW-Authenticate: got %q, want one: %v", challenge, test.challenge)
			}
		})
	}
}

// fiber runs what Use registered also for a request that it could not read in full; the answer is fiber's, whatever the guard says.
func TestRequestThatCannotBeRead(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	app := fiber.New(fiber.Config{ErrorHandler: jwtmw.ErrorHandler})
	app.Use(jwtmw.Fiber(issuer.Config()))
	app.Post("/orders", unreachable(t))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
	for name, authorization := range map[string]string{"a good token": "Bearer " + issuer.Token(nil), "a bad token": "Bearer x", "no token": ""} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, err = io.WriteString(conn, "POST /orders HTTP/1.1\r\nHost: api.test\r\nAuthorization: "+authorization+
				"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nCookie: a=1\r\n\r\n")
			if err != nil {
				t.Fatal(err)
			}
			got, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.StatusCode != fiber.StatusBadRequest {
				t.Errorf("got status %d, want 400", got.StatusCode)
			}
		})
	}
}

// C07: with fiber's own limits a long token never reaches the guard.
func TestC07HeadOverReadBufferSize(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	app := fiber.New()
	app.Get("/orders", jwtmw.Fiber(issuer.Config()), unreachable(t))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})

	r, err := http.NewRequest("GET", "http://"+listener.Addr().String()+"/orders", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+issuer.Token(map[string]any{"filler": strings.Repeat("x", 4096)}))
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != fiber.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got status %d, want 431", got.StatusCode)
	}
}

func unreachable(t *testing.T) fiber.Handler {
	return func(fiber.Ctx) error {
		t.Error("the handler ran, want a refusal")
		return nil
	}
}

func send(t *testing.T, app *fiber.App, token string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", "/orders", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	got, err := app.Test(r, fiber.TestConfig{}) // no limit of time
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// body reads a body that Test has buffered, and leaves it to be read again.
func body(t *testing.T, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return string(text)
}
