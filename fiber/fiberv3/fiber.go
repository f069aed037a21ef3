// Package jwtmw guards fiber v3 routes with JSON Web Tokens:
//
//	app := fiber.New(fiber.Config{ErrorHandler: jwtmw.ErrorHandler})
//	app.Use(jwtmw.Fiber(jwtmw.Config{
//		Issuer:    "https://login.example.com/",
//		Audiences: []string{"https://api.example.com"},
//	}))
//
// Use guards the routes that are registered after it, and no others. There is
// no list of paths to skip. What anyone may see is registered before Use.
//
// A refused request never reaches the handler. The challenge of RFC 6750 is set
// on the response, and the app's error handler gets an error that errors.As
// finds as *core.Refusal and as *fiber.Error. Package core describes what is
// checked.
//
// Tokens, and so Claims, are copies: they may be kept after the request, also
// without fiber.Config.Immutable. A request head of more than
// fiber.Config.ReadBufferSize, 4 KiB by default, is answered by fasthttp itself
// with status 431; for larger tokens raise it.
//
// fiber v3 runs what Use registered also for a request that it could not read in
// full, and answers 400 then, whatever a guard says.
//
// The package is a module of its own, so that users of fiber v2 keep the fasthttp
// they have.
package jwtmw

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v3"

	"github.com/jwtmw/jwtmw/core"
)

type (
	// Config describes one trusted issuer and what its tokens must say.
	Config = core.Config

	// Claims is what a verified token says.
	Claims = core.Claims
)

// Fiber lets requests pass that carry a valid token of one of the issuers as
// "Authorization: Bearer". It panics on a bad Config, at start-up, naming every
// mistake.
func Fiber(cfg ...Config) fiber.Handler { return Guard(core.MustGuard(cfg...)) }

// Guard is Fiber for a Verifier that is shared, or a Guard with settings of its
// own. It panics on a bad Guard, at start-up, naming every mistake.
func Guard(g core.Guard) fiber.Handler {
	g = g.MustValidate()
	return func(c fiber.Ctx) error {
		ctx, err := g.Check(c.Context(), request{c})
		if err != nil {
			return refuse(c, err)
		}
		c.SetContext(ctx)
		core.SetHeaders(ctx, c.Set)
		core.Expose(ctx, func(key string, value any) { c.Locals(key, value) })
		return c.Next()
	}
}

// Require lets requests pass whose claims meet every one of reqs, on a route or
// a group. It belongs after Fiber or Guard; without one of them it refuses with
// status 500.
func Require(reqs ...core.Requirement) fiber.Handler {
	reqs = slices.Clone(reqs) // append(base, ...) twice may share one array
	return func(c fiber.Ctx) error {
		if err := core.Require(c.Context(), reqs...); err != nil {
			return refuse(c, err)
		}
		return c.Next()
	}
}

// FromContext returns the claims of the request. ok is false if no token was
// needed and none was sent, or if no guard stands before the handler.
//
// Code that knows no fiber calls core.FromContext with c.Context(), which may be
// kept, or with c itself or c.RequestCtx(), which may not.
func FromContext(c fiber.Ctx) (claims *Claims, ok bool) {
	return core.FromContext(c.Context())
}

// ResourceMetadata serves m (RFC 9728), for app.Get(m.Path(), ...), before any
// guard. It panics, at start-up, if m is not usable.
func ResourceMetadata(m core.ResourceMetadata) fiber.Handler {
	document, err := m.Document()
	if err != nil {
		panic(err)
	}
	return func(c fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/json")
		return c.Send(document)
	}
}

// ErrorHandler is for apps that have no error handler of their own, or to be
// called by one. It answers a *core.Refusal, whoever returned it, with its
// headers and a problem document (RFC 9457), and leaves every other error to
// fiber.DefaultErrorHandler.
func ErrorHandler(c fiber.Ctx, err error) error {
	refusal, ok := errors.AsType[*core.Refusal](err)
	if !ok {
		return fiber.DefaultErrorHandler(c, err)
	}
	body, err := refusal.MarshalJSON()
	if err != nil {
		return err
	}
	refusal.SetHeaders(c.Set)
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return c.Status(refusal.Status).Send(body)
}

// refused is a Refusal that fiber's own error handler understands. Its text is
// the Refusal's, which is safe for clients: fiber sends it.
type refused struct{ *core.Refusal }

// Unwrap puts fiber's error first: the Refusal's cause may be one too, and its
// code is not the one to answer with.
func (r refused) Unwrap() []error {
	return []error{fiber.NewError(r.Status, r.Error()), r.Refusal}
}

func refuse(c fiber.Ctx, err error) error {
	refusal := core.RefusalOf(err)
	refusal.SetHeaders(c.Set)
	return refused{refusal}
}
