// Package jwtmw guards echo v4 routes with JSON Web Tokens:
//
//	e := echo.New()
//	e.HTTPErrorHandler = jwtmw.ErrorHandler
//	e.Use(jwtmw.Echo(jwtmw.Config{
//		Issuer:    "https://login.example.com/",
//		Audiences: []string{"https://api.example.com"},
//	}))
//
// Use guards all routes, whenever they are registered. There is no list of paths
// to skip. What anyone may see stays out by guarding groups instead of the whole
// app.
//
// A refused request never reaches the handler. The challenge of RFC 6750 is set
// on the response, and echo's error handler gets an *echo.HTTPError in which
// errors.As finds the *core.Refusal. Package core describes what is checked.
package jwtmw

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/jwtmw/jwtmw/core"
)

type (
	// Config describes one trusted issuer and what its tokens must say.
	Config = core.Config

	// Claims is what a verified token says.
	Claims = core.Claims
)

// Echo lets requests pass that carry a valid token of one of the issuers as
// "Authorization: Bearer". It panics on a bad Config, at start-up, naming every
// mistake.
func Echo(cfg ...Config) echo.MiddlewareFunc { return Guard(core.MustGuard(cfg...)) }

// Guard is Echo for a Verifier that is shared, or a Guard with settings of its
// own. It panics on a bad Guard, at start-up, naming every mistake.
func Guard(g core.Guard) echo.MiddlewareFunc {
	g = g.MustValidate()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx, err := g.Check(c.Request().Context(), core.HTTPRequest(c.Request()))
			if err != nil {
				return refuse(c, err)
			}
			c.SetRequest(c.Request().WithContext(ctx))
			core.SetHeaders(ctx, c.Response().Header().Set)
			core.Expose(ctx, c.Set)
			return next(c)
		}
	}
}

// Require lets requests pass whose claims meet every one of reqs, on a route or
// a group. It belongs after Echo or Guard; without one of them it refuses with
// status 500.
func Require(reqs ...core.Requirement) echo.MiddlewareFunc {
	reqs = slices.Clone(reqs) // append(base, ...) twice may share one array
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := core.Require(c.Request().Context(), reqs...); err != nil {
				return refuse(c, err)
			}
			return next(c)
		}
	}
}

// FromContext returns the claims of the request. ok is false if no token was
// needed and none was sent, or if no guard stands before the handler.
//
// Code that knows no echo calls core.FromContext with the request's context.
func FromContext(c echo.Context) (claims *Claims, ok bool) {
	return core.FromContext(c.Request().Context())
}

// ResourceMetadata serves m (RFC 9728), for e.GET(m.Path(), ...), outside of any
// guard. It panics, at start-up, if m is not usable.
func ResourceMetadata(m core.ResourceMetadata) echo.HandlerFunc {
	document, err := m.Document()
	if err != nil {
		panic(err)
	}
	return func(c echo.Context) error { return c.Blob(http.StatusOK, "application/json", document) }
}

// ErrorHandler is for apps that have no error handler of their own, or to be
// called by one. It answers a *core.Refusal, whoever returned it, with its
// headers and a problem document (RFC 9457), and leaves every other error to
// echo's DefaultHTTPErrorHandler.
func ErrorHandler(err error, c echo.Context) {
	refusal, ok := errors.AsType[*core.Refusal](err)
	if !ok {
		c.Echo().DefaultHTTPErrorHandler(err, c)
		return
	}
	if c.Response().Committed {
		return
	}
	refusal.SetHeaders(c.Response().Header().Set)
	body, _ := refusal.MarshalJSON()                             // without a body the status still says enough
	_ = c.Blob(refusal.Status, "application/problem+json", body) // fails only if the client has left
}

// refuse returns echo's own error type and nothing around it: that is all that
// the default error handler looks at.
func refuse(c echo.Context, err error) error {
	refusal := core.RefusalOf(err)
	refusal.SetHeaders(c.Response().Header().Set)
	return &echo.HTTPError{Code: refusal.Status, Message: refusal, Internal: refusal}
}
