// Package jwtmw guards gin routes with JSON Web Tokens:
//
//	router := gin.Default()
//	router.Use(jwtmw.Gin(jwtmw.Config{
//		Issuer:    "https://login.example.com/",
//		Audiences: []string{"https://api.example.com"},
//	}))
//
// Use guards the routes that are registered after it: gin gives every route the
// middleware that is there at that moment. What anyone may see is registered
// before Use or in another group; there is no list of paths to skip. The router's
// own Use also guards its NoRoute and NoMethod handlers, registered before or
// after.
//
// A refused request never reaches the handler. It is answered with the
// challenge of RFC 6750 and a problem document (RFC 9457), and c.Errors holds
// the *core.Refusal. Package core describes what is checked.
package jwtmw

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/jwtmw/jwtmw/core"
)

type (
	// Config describes one trusted issuer and what its tokens must say.
	Config = core.Config

	// Claims is what a verified token says.
	Claims = core.Claims
)

// Gin lets requests pass that carry a valid token of one of the issuers as
// "Authorization: Bearer". It panics on a bad Config, at start-up, naming every
// mistake.
func Gin(cfg ...Config) gin.HandlerFunc { return Guard(core.MustGuard(cfg...)) }

// Guard is Gin for a Verifier that is shared, or a Guard with settings of its
// own. It panics on a bad Guard, at start-up, naming every mistake.
//
// The optional function writes the answer to a refused request instead of the
// problem document; a Require after the guard uses it too. The response header
// then already holds what the refusal needs, such as WWW-Authenticate, and the
// chain is aborted. Guard panics if it is given two.
func Guard(g core.Guard, refuse ...func(*gin.Context, *core.Refusal)) gin.HandlerFunc {
	g = g.MustValidate()
	if len(refuse) > 1 {
		panic(fmt.Errorf("jwtmw: Guard was given %d functions, want at most one", len(refuse)))
	}
	return func(c *gin.Context) {
		if len(refuse) > 0 {
			c.Set(writerKey{}, refuse[0])
		}
		ctx, err := g.Check(c.Request.Context(), core.HTTPRequest(c.Request))
		if err != nil {
			Refuse(c, err)
			return
		}
		c.Request = c.Request.WithContext(ctx)
		core.SetHeaders(ctx, c.Header)
		core.Expose(ctx, func(key string, value any) { c.Set(key, value) })
	}
}

// Require lets requests pass whose claims meet every one of reqs, on a route or
// a group. It belongs after Gin or Guard; without one of them it refuses with
// status 500.
func Require(reqs ...core.Requirement) gin.HandlerFunc {
	reqs = slices.Clone(reqs) // append(base, ...) twice may share one array
	return func(c *gin.Context) {
		if err := core.Require(c.Request.Context(), reqs...); err != nil {
			Refuse(c, err)
		}
	}
}

// Refuse answers a request whose service layer returned err as the guard before
// the handler would have: with every header of the refusal, through the function
// that Guard was given. What core.RefusalOf does not know is 500, and so is nil.
func Refuse(c *gin.Context, err error) {
	refusal := core.RefusalOf(cmp.Or(err, errors.New("Refuse was given no error")))
	c.Abort()
	_ = c.Error(refusal) // returns what it stored
	refusal.SetHeaders(c.Header)
	stored, _ := c.Get(writerKey{})
	write, _ := stored.(func(*gin.Context, *core.Refusal))
	if write == nil {
		write = writeProblem
	}
	write(c, refusal)
}

// FromContext returns the claims of the request. ok is false if no token was
// needed and none was sent, or if no guard stands before the handler.
//
// Code that knows no gin calls core.FromContext, with c or with the request's
// context.
func FromContext(c *gin.Context) (claims *Claims, ok bool) {
	return core.FromContext(c.Request.Context())
}

// ResourceMetadata serves m (RFC 9728), for router.GET(m.Path(), ...), outside
// of any guard. It panics, at start-up, if m is not usable.
func ResourceMetadata(m core.ResourceMetadata) gin.HandlerFunc {
	document, err := m.Document()
	if err != nil {
		panic(err)
	}
	return func(c *gin.Context) { c.Data(http.StatusOK, "application/json", document) }
}

// writerKey finds the function that a Guard was given, for a Require after it.
type writerKey struct{}

func writeProblem(c *gin.Context, refusal *core.Refusal) {
	body, _ := refusal.MarshalJSON() // without a body the status still says enough
	c.Data(refusal.Status, "application/problem+json", body)
}
