package jwtmw_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/jwttest/adaptertest"
	jwtmw "github.com/jwtmw/jwtmw/gin"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	m.Run()
}

func TestAdapter(t *testing.T) {
	for name, fallback := range map[string]bool{"default": false, "ContextWithFallback": true} {
		t.Run(name, func(t *testing.T) {
			adaptertest.TestAdapter(t, func(l net.Listener, routes []adaptertest.Route) error {
				router := gin.New()
				router.ContextWithFallback = fallback
				for _, route := range routes {
					router.Match(adaptertest.Methods(), route.Path, handlersOf(route)...)
				}
				return http.Serve(l, router)
			})
		})
	}
}

func TestRequest(t *testing.T) {
	adaptertest.TestRequest(t, func(l net.Listener, see func(core.Request)) error {
		router := gin.New()
		router.NoRoute(func(c *gin.Context) {
			see(core.HTTPRequest(c.Request))
			c.Status(http.StatusNoContent)
		})
		return http.Serve(l, router)
	})
}

func handlersOf(route adaptertest.Route) (handlers []gin.HandlerFunc) {
	if route.Metadata != nil {
		return []gin.HandlerFunc{jwtmw.ResourceMetadata(*route.Metadata)}
	}
	handlers = append(handlers, func(c *gin.Context) {
		defer route.Recover()
		c.Next()
	})
	if len(route.Configs) > 0 {
		handlers = append(handlers, jwtmw.Gin(route.Configs...))
	}
	if route.Guard != nil {
		handlers = append(handlers, jwtmw.Guard(*route.Guard))
	}
	if len(route.Requirements) > 0 {
		handlers = append(handlers, jwtmw.Require(route.Requirements...))
	}
	return append(handlers, func(c *gin.Context) {
		claims, ok := jwtmw.FromContext(c)
		store := func(key string) any { return c.Value(key) }
		c.JSON(http.StatusOK, route.See(claims, ok, store, c, c.Request.Context()))
	})
}

func TestGuardWritesWhatItIsGiven(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	router := gin.New()
	router.Use(jwtmw.Guard(core.MustGuard(issuer.Config()), func(c *gin.Context, refusal *core.Refusal) {
		c.String(refusal.Status, "%s: %s", c.FullPath(), refusal.Reason)
	}))
	router.GET("/orders", jwtmw.Require(core.Scope("admin")), func(c *gin.Context) {
		jwtmw.Refuse(c, fmt.Errorf("the layer below: %w", core.Require(c.Request.Context(), core.Role("owner"))))
	})
	tests := []struct {
		name, token, body string
		status            int
	}{
		{"by the guard", "", "/orders: no_token", 401},
		{"by a Require after it", issuer.Token(nil), "/orders: insufficient_scope", 403},
		{"by the handler", issuer.Token(map[string]any{"scope": "admin"}), "/orders: forbidden", 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := send(router, test.token)
			if w.Code != test.status || w.Body.String() != test.body {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, test.status, test.body)
			}
			if !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("got WWW-Authenticate %q, want a challenge", w.Header().Get("WWW-Authenticate"))
			}
		})
	}
}

func TestGuardWithoutAFunction(t *testing.T) {
	router := gin.New()
	router.GET("/orders", jwtmw.Guard(core.MustGuard(jwttest.NewIssuer("").Config()), nil), unreachable(t))
	if w := send(router, ""); w.Code != 401 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d with %q, want 401 with application/problem+json", w.Code, w.Header().Get("Content-Type"))
	}
}

// A middleware that stands outside the guard sees why the request was refused, and no claims.
func TestRefusalLeavesErrorAndNoClaims(t *testing.T) {
	router := gin.New()
	router.Use(func(c *gin.Context) {
		c.Next()
		if err := c.Errors.Last(); err == nil || !errors.Is(err, core.ErrInvalidToken) {
			t.Errorf("c.Errors: got %v, want one that is core.ErrInvalidToken", c.Errors)
		}
		if stored, ok := c.Get(core.ContextKey); ok {
			t.Errorf("gin's store: got %v, want nothing", stored)
		}
		if claims, ok := jwtmw.FromContext(c); ok {
			t.Errorf("FromContext: got %v, want nothing", claims)
		}
	})
	issuer := jwttest.NewIssuer("")
	router.GET("/orders", jwtmw.Gin(issuer.Config()), unreachable(t))
	if w := send(router, issuer.Token(map[string]any{"exp": 1})); w.Code != 401 {
		t.Errorf("got status %d, want 401", w.Code)
	}
}

func TestGuardWithTwoFunctions(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "2 functions") {
			t.Errorf("got panic %q, want one that counts 2 functions", got)
		}
	}()
	jwtmw.Guard(core.MustGuard(jwttest.NewIssuer("").Config()), nil, nil)
}

// T21: a service layer that forgot its error.
func TestRefuseWithoutAnError(t *testing.T) {
	router := gin.New()
	router.GET("/orders", func(c *gin.Context) { jwtmw.Refuse(c, nil) }, unreachable(t))
	if w := send(router, ""); w.Code != 500 || !strings.Contains(w.Body.String(), `"reason":"internal_error"`) {
		t.Errorf("got %d %s, want 500 and reason internal_error", w.Code, w.Body)
	}
}

// U12: what the package comment says about routes that nobody registered.
func TestRouterGuardsNoRoute(t *testing.T) {
	router := gin.New()
	router.NoRoute(unreachable(t))
	router.Use(jwtmw.Gin(jwttest.NewIssuer("").Config()))
	if w := send(router, ""); w.Code != 401 {
		t.Errorf("got status %d, want 401", w.Code)
	}
}

func unreachable(t *testing.T) gin.HandlerFunc {
	return func(*gin.Context) { t.Error("the handler ran, want a refusal") }
}

func send(router *gin.Engine, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/orders", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	router.ServeHTTP(w, r)
	return w
}
