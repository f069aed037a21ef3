package main

import (
	"net/http"

	echojwt "github.com/labstack/echo-jwt/v4"
	echov4 "github.com/labstack/echo/v4"
	echov5 "github.com/labstack/echo/v5"

	jwtmwv5 "github.com/jwtmw/jwtmw/echo"
	jwtmwv4 "github.com/jwtmw/jwtmw/echo/echov4"
)

func echoV4Tasks(f *fixture) (bare, own, peer task, err error) {
	verify, err := golangJWT(f)
	if err != nil {
		return
	}
	alone := echov4.New()
	alone.GET("/orders", func(c echov4.Context) error { return c.NoContent(http.StatusNoContent) })

	guarded := echov4.New()
	guarded.Use(jwtmwv4.Echo(jwtmwConfig(f)))
	guarded.GET("/orders", func(c echov4.Context) error {
		claims, ok := jwtmwv4.FromContext(c)
		return c.NoContent(statusOf(ok && claims.Subject != ""))
	})

	// ParseTokenFunc is where echo-jwt lets a service say which issuer and audience it wants.
	theirs := echov4.New()
	theirs.Use(echojwt.WithConfig(echojwt.Config{
		ParseTokenFunc: func(_ echov4.Context, token string) (any, error) { return verify(token) },
	}))
	theirs.GET("/orders", func(c echov4.Context) error {
		claims, ok := c.Get("user").(*golangClaims)
		return c.NoContent(statusOf(ok && claims.Subject != ""))
	})
	return serve(f, "echo v4 alone", alone), serve(f, "echo v4, jwtmw", guarded), serve(f, "echo v4, echo-jwt", theirs), nil
}

func echoV5Tasks(f *fixture) (bare, own, peer task, err error) {
	verify, err := golangJWT(f)
	if err != nil {
		return
	}
	alone := echov5.New()
	alone.GET("/orders", func(c *echov5.Context) error { return c.NoContent(http.StatusNoContent) })

	guarded := echov5.New()
	guarded.Use(jwtmwv5.Echo(jwtmwConfig(f)))
	guarded.GET("/orders", func(c *echov5.Context) error {
		claims, ok := jwtmwv5.FromContext(c)
		return c.NoContent(statusOf(ok && claims.Subject != ""))
	})

	handwritten := echov5.New()
	handwritten.Use(func(next echov5.HandlerFunc) echov5.HandlerFunc {
		return func(c *echov5.Context) error {
			token, ok := bearerToken(c.Request().Header.Get("Authorization"))
			if !ok {
				return echov5.ErrUnauthorized
			}
			claims, err := verify(token)
			if err != nil {
				return echov5.ErrUnauthorized
			}
			c.Set("claims", claims)
			return next(c)
		}
	})
	handwritten.GET("/orders", func(c *echov5.Context) error {
		claims, ok := c.Get("claims").(*golangClaims)
		return c.NoContent(statusOf(ok && claims.Subject != ""))
	})
	return serve(f, "echo v5 alone", alone), serve(f, "echo v5, jwtmw", guarded), serve(f, "echo v5, handwritten", handwritten), nil
}
