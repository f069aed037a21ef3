// Package adaptertest holds an adapter of a web framework against the table that all adapters of this module pass.
//
// An adapter's test has two parts, and the tests of nethttp are the shortest of both:
//   - [TestAdapter] sends requests as bytes to an app of the framework, whose paths are each a [Route], and looks at the
//     answers and at what the handlers see ([Route.See]).
//   - [TestRequest] sends requests as bytes and looks at the core.Request that the adapter makes of them.
//
// The table itself is in the files rows_*.go; each row is a subtest of that name.
package adaptertest

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

// TestAdapter holds an adapter against the table that all adapters share: requests as bytes on a loopback connection,
// and for each the wanted status, challenge and body, the claims that the handler sees, and whether it runs at all.
// Every row is a subtest.
//
// serve mounts the routes in the adapter's framework and answers on the listener until that is closed, as http.Serve
// does. It lets the panics of the adapter's functions pass. Frameworks with a central error handler use the adapter's
// ErrorHandler. The request head may have 32 KiB.
func TestAdapter(t *testing.T, serve func(l net.Listener, routes []Route) error) {
	TestAdapterExcept(t, serve)
}

// Exception is a family of rows that say nothing about an adapter: those whose names begin with Rows.
type Exception struct{ Rows, Why string }

// TestAdapterExcept is TestAdapter for an adapter of what is not HTTP/1.1, behind a server that translates. The rows that
// cannot be translated are named, each family with its reason, and skipped. A name of no row is an error.
func TestAdapterExcept(t *testing.T, serve func(l net.Listener, routes []Route) error, exceptions ...Exception) {
	used := make([]bool, len(exceptions))
	run := func(name string, check func() []string) {
		t.Run(name, func(t *testing.T) {
			for i, e := range exceptions {
				if strings.HasPrefix(name, e.Rows) {
					used[i] = true
					t.Skip(e.Why)
				}
			}
			for _, problem := range check() {
				t.Error(problem)
			}
		})
	}
	for _, mistake := range startUpMistakes() {
		run(mistake.name, func() []string { return mistake.judge(serve) })
	}
	app, err := start(serve)
	if err != nil {
		t.Fatal(err)
	}
	defer app.stop()
	for name, check := range app.checks() {
		run(name, check)
	}
	for i, e := range exceptions {
		if !used[i] {
			t.Errorf("no row begins with %q", e.Rows)
		}
	}
}

// Route is a path that the table sends requests to, with any of [Methods].
//
// Its handler answers with status 200 and the JSON of [Route.See]. Outside of the guard stands a middleware that defers
// [Route.Recover]. Where Metadata is set there is neither guard nor handler, but the adapter's ResourceMetadata.
type Route struct {
	Path         string
	Configs      []core.Config      // not empty: the adapter's function for a Config stands before the handler
	Guard        *core.Guard        // not nil: the adapter's Guard does
	Requirements []core.Requirement // empty: no Require stands before it
	Metadata     *core.ResourceMetadata

	calls  *handlerCalls
	panics bool
}

// Methods returns the methods that every [Route] answers.
func Methods() []string { return []string{"GET", "HEAD", "POST", "OPTIONS"} }

// Seen is what a handler knows about its caller: the "sub" of the claims, "" where there are none.
type Seen struct {
	Handler  string   `json:"handler"`  // by the adapter's FromContext
	Store    string   `json:"store"`    // by the framework's own store, as Handler where it has none
	Services []string `json:"services"` // by core.FromContext, from each context
}

// See notes that the handler of a Route runs. It is given what the adapter's FromContext returns, how the framework's
// own store is read, nil where it has none, and each context.Context that the framework has for a handler to pass on:
// the request's own, and where it is one itself, the framework's.
func (r Route) See(claims *core.Claims, ok bool, store func(key string) any, contexts ...context.Context) Seen {
	seen := Seen{Handler: r.calls.note(claims, ok)}
	seen.Store = seen.Handler
	if store != nil {
		seen.Store = subjectIn(store(core.ContextKey))
	}
	for _, ctx := range contexts {
		seen.Services = append(seen.Services, subjectOf(core.FromContext(ctx)))
	}
	if r.panics {
		panic(handlersOwn)
	}
	return seen
}

// handlersOwn is what a handler panics with.
const handlersOwn = "the handler's own panic"

// Recover stops the panic of a Route's handler and notes that it passed the guard. It is to be deferred, since recover
// does nothing elsewhere.
func (r Route) Recover() {
	switch value := recover(); value {
	case nil:
	case handlersOwn:
		r.calls.noteRecovered()
	default:
		panic(value)
	}
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

// subjectIn reads a store as a service does that asks whether there is a value before it asks what it is.
func subjectIn(value any) string {
	if value == nil {
		return ""
	}
	claims, _ := value.(*core.Claims)
	if claims == nil {
		return "a value that is not nil and holds no claims"
	}
	return claims.Subject
}
