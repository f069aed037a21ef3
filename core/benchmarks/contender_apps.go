package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/MicahParks/keyfunc/v3"
	ginjwt "github.com/appleboy/gin-jwt/v3"
	"github.com/gin-gonic/gin"
	echojwt "github.com/labstack/echo-jwt/v4"
	echov4 "github.com/labstack/echo/v4"
)

// newEchoJWT is echo-jwt with the key set as KeyFunc, as its documentation shows. It has no setting for issuer and audience:
// with a ParseTokenFunc the service verifies by itself, which is the column of golang-jwt.
func newEchoJWT(f *fixture) (func(context.Context, string) error, error) {
	keys, err := keyfunc.NewJWKSetJSON(f.document)
	if err != nil {
		return nil, err
	}
	e := echov4.New()
	e.Use(echojwt.WithConfig(echojwt.Config{KeyFunc: keys.Keyfunc}))
	e.GET("/orders", func(c echov4.Context) error { return c.NoContent(http.StatusNoContent) })
	return throughApp(e), nil
}

// newGinJWT is gin-jwt with the key set as KeyFunc, which replaces the key of its own logins, and all that its ParseOptions
// can demand.
func newGinJWT(f *fixture) (func(context.Context, string) error, error) {
	app, err := ginJWT(f)
	if err != nil {
		return nil, err
	}
	return throughApp(app), nil
}

func ginJWT(f *fixture) (http.Handler, error) {
	keys, err := keyfunc.NewJWKSetJSON(f.document)
	if err != nil {
		return nil, err
	}
	middleware, err := ginjwt.New(&ginjwt.GinJWTMiddleware{
		Realm: "orders", SigningAlgorithm: f.alg, KeyFunc: keys.Keyfunc, IdentityKey: "sub", ParseOptions: parserOptions(f),
	})
	if err != nil {
		return nil, err
	}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(middleware.MiddlewareFunc())
	router.GET("/orders", func(c *gin.Context) {
		c.Status(statusOf(ginjwt.ExtractClaims(c)["sub"] != nil))
		c.Writer.WriteHeaderNow()
	})
	return router, nil
}

// newAuth0App is auth0's whole middleware, which takes DPoP proofs but demands none.
func newAuth0App(f *fixture) (func(context.Context, string) error, error) {
	app, err := auth0Proofs(f)
	if err != nil {
		return nil, err
	}
	return throughApp(app), nil
}

// throughApp sends a token to an app in process, which answers 204 to a good one.
func throughApp(app http.Handler) func(context.Context, string) error {
	return func(ctx context.Context, token string) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.example/orders", nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		w := newAnswer()
		if app.ServeHTTP(w, request); w.status != http.StatusNoContent {
			return fmt.Errorf("got status %d, want 204", w.status)
		}
		return nil
	}
}
