// Package jwtmw guards net/http handlers, and those of every router that takes
// func(http.Handler) http.Handler, with JSON Web Tokens:
//
//	guard := jwtmw.NetHTTP(jwtmw.Config{
//		Issuer:    "https://login.example.com/",
//		Audiences: []string{"https://api.example.com"},
//	})
//	http.ListenAndServe(":8080", guard(mux))
//
// Everything inside the guard is guarded: there is no list of paths to skip.
// What anyone may see is mounted outside of it.
//
// A refused request never reaches the handler. It is answered with the
// challenge of RFC 6750 and a problem document (RFC 9457). Package core
// describes what is checked.
package jwtmw

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/jwtmw/jwtmw/core"
)

type (
	// Config describes one trusted issuer and what its tokens must say.
	Config = core.Config

	// Claims is what a verified token says.
	Claims = core.Claims
)

// NetHTTP lets requests pass that carry a valid token of one of the issuers as
// "Authorization: Bearer". It panics on a bad Config, at start-up, naming every
// mistake.
func NetHTTP(cfg ...Config) func(http.Handler) http.Handler {
	return Guard(core.MustGuard(cfg...))
}

// Guard is NetHTTP for a Verifier that is shared, or a Guard with settings of
// its own. It panics on a bad Guard, at start-up, naming every mistake.
//
// The optional function writes the answer to a refused request instead of the
// problem document; a Require inside the guard uses it too. The response header
// then already holds what the refusal needs, such as WWW-Authenticate. Guard
// panics if it is given two.
func Guard(g core.Guard, refuse ...func(http.ResponseWriter, *http.Request, *core.Refusal)) func(http.Handler) http.Handler {
	g = g.MustValidate()
	if len(refuse) > 1 {
		panic(fmt.Errorf("jwtmw: Guard was given %d functions, want at most one", len(refuse)))
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			if len(refuse) > 0 {
				ctx = context.WithValue(ctx, writerKey{}, refuse[0])
			}
			ctx, err := g.Check(ctx, core.HTTPRequest(r))
			r = r.WithContext(ctx)
			if err != nil {
				Refuse(w, r, err)
				return
			}
			core.SetHeaders(ctx, w.Header().Set)
			next.ServeHTTP(w, r)
		})
	}
}

// Require lets requests pass whose claims meet every one of reqs. It belongs
// inside NetHTTP or Guard; without one of them it refuses with status 500.
func Require(reqs ...core.Requirement) func(http.Handler) http.Handler {
	reqs = slices.Clone(reqs) // append(base, ...) twice may share one array
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := core.Require(r.Context(), reqs...); err != nil {
				Refuse(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// Refuse answers a request whose service layer returned err as the guard around
// the handler would have: with every header of the refusal, through the function
// that Guard was given. What core.RefusalOf does not know is 500, and so is nil.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	refusal := core.RefusalOf(cmp.Or(err, errors.New("Refuse was given no error")))
	refusal.SetHeaders(w.Header().Set)
	write, _ := r.Context().Value(writerKey{}).(func(http.ResponseWriter, *http.Request, *core.Refusal))
	if write == nil {
		write = writeProblem
	}
	write(w, r, refusal)
}

// FromContext returns the claims of the request whose context is ctx. ok is
// false if no token was needed and none was sent, or if no guard stands before
// the handler.
func FromContext(ctx context.Context) (c *Claims, ok bool) { return core.FromContext(ctx) }

// ResourceMetadata serves m (RFC 9728), for mux.Handle("GET "+m.Path(), ...),
// outside of any guard. It panics, at start-up, if m is not usable.
func ResourceMetadata(m core.ResourceMetadata) http.Handler {
	document, err := m.Document()
	if err != nil {
		panic(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(document)
	})
}

// writerKey finds the function that a Guard was given, for a Require inside it.
type writerKey struct{}

func writeProblem(w http.ResponseWriter, _ *http.Request, refusal *core.Refusal) {
	body, _ := refusal.MarshalJSON() // without a body the status still says enough
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(refusal.Status)
	w.Write(body)
}
