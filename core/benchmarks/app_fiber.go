package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/MicahParks/keyfunc/v3"
	fiberjwt "github.com/gofiber/contrib/jwt"
	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"
	"github.com/valyala/fasthttp"

	jwtmw "github.com/jwtmw/jwtmw/fiber"
)

func fiberTasks(f *fixture) (bare, own, peer task, err error) {
	keys, err := keyfunc.NewJWKSetJSON(f.document)
	if err != nil {
		return
	}
	alone := fiber.New()
	alone.Get("/orders", func(c *fiber.Ctx) error { return c.SendStatus(http.StatusNoContent) })

	guarded := fiber.New()
	guarded.Use(jwtmw.Fiber(jwtmwConfig(f)))
	guarded.Get("/orders", func(c *fiber.Ctx) error {
		claims, ok := jwtmw.FromContext(c)
		return c.SendStatus(statusOf(ok && claims.Subject != ""))
	})

	theirs := fiber.New()
	theirs.Use(fiberjwt.New(fiberjwt.Config{KeyFunc: pinned(f.alg, keys.Keyfunc), Claims: new(fiberClaims)}))
	theirs.Get("/orders", func(c *fiber.Ctx) error {
		token, ok := c.Locals("user").(*jwt.Token)
		return c.SendStatus(statusOf(ok && token.Claims.(*fiberClaims).Subject != ""))
	})
	return serveFast(f, "fiber alone", alone), serveFast(f, "fiber, jwtmw", guarded), serveFast(f, "fiber, contrib/jwt", theirs), nil
}

// fiberClaims checks what gofiber/contrib/jwt has no setting for.
type fiberClaims struct{ golangClaims }

func (c *fiberClaims) Validate() error {
	if c.Issuer != issuerURL || !slices.Contains(c.Audience, audience) || c.ExpiresAt == nil {
		return errors.New("token of another issuer, for another service, or without expiry")
	}
	return nil
}

// pinned allows one algorithm.
func pinned(alg string, keys jwt.Keyfunc) jwt.Keyfunc {
	return func(t *jwt.Token) (any, error) {
		if t.Method.Alg() != alg {
			return nil, fmt.Errorf("got algorithm %q, want %q", t.Method.Alg(), alg)
		}
		return keys(t)
	}
}

// serveFast is serve for fasthttp.
func serveFast(f *fixture, name string, app *fiber.App) task {
	handler := app.Handler()
	ctx := new(fasthttp.RequestCtx)
	ctx.Request.Header.SetMethod(http.MethodGet)
	ctx.Request.SetRequestURI("http://api.example/orders")
	ctx.Request.Header.Set("Authorization", "Bearer "+f.token)
	return task{name, func() error {
		ctx.ResetUserValues()
		ctx.Response.Reset()
		handler(ctx)
		if status := ctx.Response.StatusCode(); status != http.StatusNoContent {
			return fmt.Errorf("got status %d, want 204", status)
		}
		return nil
	}}
}
