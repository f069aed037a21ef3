package jwttest

import (
	"context"
	"net"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

// TestAdapter holds an adapter against the table that all adapters share: requests as bytes on a loopback connection,
// and for each the wanted status, challenge and body, the claims that the handler sees, and whether it runs at all.
// Every row is a subtest.
//
// serve mounts the routes in the adapter's framework and answers on the listener until that is closed, as http.Serve
// does. Frameworks with a central error handler use the adapter's ErrorHandler. The request head may have 32 KiB. The
// test of nethttp is the shortest use of it.
func TestAdapter(t *testing.T, serve func(l net.Listener, routes []Route) error) {
	app, err := startAdapterApp(serve)
	if err != nil {
		t.Fatal(err)
	}
	defer app.stop()
	for name, check := range app.checks() {
		t.Run(name, func(t *testing.T) {
			for _, problem := range check() {
				t.Error(problem)
			}
		})
	}
}

// Route is a path that the table sends requests to, with any of [Methods].
//
// Its handler answers with status 200 and the JSON of [Route.See]. Where Metadata is set there is neither guard nor
// handler, but the adapter's ResourceMetadata.
type Route struct {
	Path         string
	Guard        *core.Guard        // nil: no guard stands before the handler
	Requirements []core.Requirement // empty: no Require stands before it
	Metadata     *core.ResourceMetadata

	calls *handlerCalls
}

// Methods returns the methods that every [Route] answers.
func Methods() []string { return []string{"GET", "HEAD", "POST", "OPTIONS"} }

// Seen is what a handler knows about its caller: the "sub" of the claims, "" where there are none.
type Seen struct {
	Handler  string   `json:"handler"`  // by the adapter's FromContext
	Services []string `json:"services"` // by core.FromContext, from each context
}

// See notes that the handler of a Route runs. It is given what the adapter's FromContext returns, and each
// context.Context that the framework has for a handler to pass on: the request's own, and where it is one itself, the
// framework's.
func (r Route) See(claims *core.Claims, ok bool, contexts ...context.Context) Seen {
	seen := Seen{Handler: r.calls.note(claims, ok)}
	for _, ctx := range contexts {
		seen.Services = append(seen.Services, subjectOf(core.FromContext(ctx)))
	}
	return seen
}

func subjectOf(claims *core.Claims, ok bool) string {
	switch {
	case ok != (claims != nil):
		return "claims and ok that contradict each other"
	case !ok:
		return ""
	}
	return claims.Subject
}
