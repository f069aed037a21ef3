package jwtmw_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/jwttest/adaptertest"
	jwtmw "github.com/jwtmw/jwtmw/echo/echov4"
)

func TestAdapter(t *testing.T) {
	adaptertest.TestAdapter(t, func(l net.Listener, routes []adaptertest.Route) error {
		e := echo.New()
		e.HTTPErrorHandler = jwtmw.ErrorHandler
		for _, route := range routes {
			e.Match(adaptertest.Methods(), route.Path, handlerOf(route), middlewareOf(route)...)
		}
		return http.Serve(l, e)
	})
}

func TestRequest(t *testing.T) {
	adaptertest.TestRequest(t, func(l net.Listener, see func(core.Request)) error {
		e := echo.New()
		e.Pre(func(echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				see(core.HTTPRequest(c.Request()))
				return c.NoContent(http.StatusNoContent)
			}
		})
		return http.Serve(l, e)
	})
}

func middlewareOf(route adaptertest.Route) (middleware []echo.MiddlewareFunc) {
	middleware = append(middleware, func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			defer route.Recover()
			return next(c)
		}
	})
	if len(route.Configs) > 0 {
		middleware = append(middleware, jwtmw.Echo(route.Configs...))
	}
	if route.Guard != nil {
		middleware = append(middleware, jwtmw.Guard(*route.Guard))
	}
	if len(route.Requirements) > 0 {
		middleware = append(middleware, jwtmw.Require(route.Requirements...))
	}
	return middleware
}

func handlerOf(route adaptertest.Route) echo.HandlerFunc {
	if route.Metadata != nil {
		return jwtmw.ResourceMetadata(*route.Metadata)
	}
	return func(c echo.Context) error {
		claims, ok := jwtmw.FromContext(c)
		return c.JSON(http.StatusOK, route.See(claims, ok, c.Get, c.Request().Context()))
	}
}

// An app that knows nothing of this package gets the status and the challenge right, and tells nothing else, even if
// it shows the text of errors.
func TestDefaultErrorHandler(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	e := echo.New()
	e.Debug = true // shows what it can
	e.GET("/orders", unreachable(t), jwtmw.Echo(issuer.Config()), jwtmw.Require(core.Func(denied)))
	tests := []struct {
		name, token, challenge, body string
		status                       int
	}{
		{"no token", "", "Bearer",
			`{"type":"about:blank","title":"Unauthorized","status":401,"detail":"a token is required","reason":"no_token"}`, 401},
		{"expired", issuer.Token(map[string]any{"exp": 1}),
			`Bearer error="invalid_token", error_description="the token has expired"`,
			`{"type":"about:blank","title":"Unauthorized","status":401,"detail":"the token has expired","reason":"expired"}`, 401},
		{"a cause that is an error of echo", issuer.Token(nil),
			`Bearer error="insufficient_scope", error_description="the token does not permit this request"`,
			`{"type":"about:blank","title":"Forbidden","status":403,"detail":"the token does not permit this request","reason":"forbidden"}`, 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := send(e, test.token)
			if body := compact(t, got.Body.Bytes()); got.Code != test.status || body != test.body {
				t.Errorf("got %d %s, want %d %s", got.Code, body, test.status, test.body)
			}
			if challenge := got.Header().Get("WWW-Authenticate"); challenge != test.challenge {
				t.Errorf("WWW-Authenticate: got %q, want %q", challenge, test.challenge)
			}
		})
	}
}

// compact undoes the indentation of echo's Debug.
func compact(t *testing.T, text []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func denied(context.Context, *core.Claims) error {
	return echo.NewHTTPError(http.StatusTeapot, "a secret of the service")
}

// A middleware that stands outside the guard, as the error handler does, sees why the request was refused, and no claims.
func TestRefusalIsAnErrorAndLeavesNoClaims(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	e := echo.New()
	outside := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			err := next(c)
			if refusal, ok := errors.AsType[*core.Refusal](err); !ok || refusal.Reason != core.ReasonExpired {
				t.Errorf("got %v, want a *core.Refusal with reason expired", err)
			}
			if own, ok := err.(*echo.HTTPError); !ok || own.Code != 401 {
				t.Errorf("got %T %v, want an *echo.HTTPError of 401 and nothing around it", err, err)
			}
			if stored := c.Get(core.ContextKey); stored != nil {
				t.Errorf("echo's store: got %v, want nothing", stored)
			}
			if claims, ok := jwtmw.FromContext(c); ok {
				t.Errorf("FromContext: got %v, want nothing", claims)
			}
			return err
		}
	}
	e.GET("/orders", unreachable(t), outside, jwtmw.Echo(issuer.Config()))
	if got := send(e, issuer.Token(map[string]any{"exp": 1})); got.Code != 401 {
		t.Errorf("got status %d, want 401", got.Code)
	}
}

func TestErrorHandler(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	tests := []struct {
		name        string
		handler     echo.HandlerFunc
		status      int
		challenge   bool
		contentType string
	}{
		{"a refusal that the handler itself returns", func(c echo.Context) error {
			return core.Require(c.Request().Context(), core.Scope("admin"))
		}, 403, true, "application/problem+json"},
		{"a refusal after the answer", func(c echo.Context) error {
			return errors.Join(c.String(http.StatusAccepted, "done"), core.Require(c.Request().Context(), core.Scope("admin")))
		}, 202, false, "text/plain; charset=UTF-8"},
		{"an error of echo", func(echo.Context) error { return echo.NewHTTPError(418, "tea") }, 418, false, "application/json"},
		{"any other error", func(echo.Context) error { return errors.New("own") }, 500, false, "application/json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := echo.New()
			e.HTTPErrorHandler = jwtmw.ErrorHandler
			e.GET("/orders", test.handler, jwtmw.Echo(issuer.Config()))
			got := send(e, issuer.Token(nil))
			if got.Code != test.status || got.Header().Get("Content-Type") != test.contentType {
				t.Errorf("got %d with %q, want %d with %q", got.Code, got.Header().Get("Content-Type"), test.status, test.contentType)
			}
			if challenge := got.Header().Get("WWW-Authenticate"); (challenge != "") != test.challenge {
				t.Errorf("WWW-Authenticate: got %q, want one: %v", challenge, test.challenge)
			}
		})
	}
}

func unreachable(t *testing.T) echo.HandlerFunc {
	return func(echo.Context) error {
		t.Error("the handler ran, want a refusal")
		return nil
	}
}

func send(e *echo.Echo, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/orders", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}
