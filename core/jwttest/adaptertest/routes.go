package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// secretHost stands in the causes of refusals, which are for the log alone.
const secretHost = "secret-host-17"

// quotedRealm holds what must be quoted.
const quotedRealm = `the "orders" \ service`

var metadata = core.ResourceMetadata{
	Resource:             "https://api.test/orders",
	AuthorizationServers: []string{jwttest.DefaultURL},
	ScopesSupported:      []string{"orders:read", "orders:write"},
}

// routes is everything that rows send requests to, one path for each way to guard.
func (a *app) routes() ([]Route, error) {
	good, errGood := core.New(a.issuer.Config())
	failing := a.down.Config()
	failing.Logger = slog.New(slog.DiscardHandler)
	down, errDown := core.New(failing)
	revocable := a.issuer.Config()
	revocable.Revoked = revokedByID
	revoking, errRevoking := core.New(revocable)
	wordy := a.issuer.Config()
	wordy.RolesAt = []string{"realm", "scp"}
	listing, errListing := core.New(wordy)
	if err := errors.Join(errGood, errDown, errRevoking, errListing); err != nil {
		return nil, fmt.Errorf("adaptertest: guards of the table: %w", err)
	}
	sources := func(tokens ...core.TokenSource) *core.Guard { return &core.Guard{Verifier: good, Tokens: tokens} }
	bearer, cookie, query := core.FromBearer(), core.FromCookie("session"), core.InsecureFromQuery("access_token")
	routes := []Route{
		{Path: "/open"},
		{Path: "/guarded", Guard: sources()},
		{Path: "/one-line", Configs: []core.Config{a.issuer.Config(), a.second.Config()}},
		{Path: "/down", Guard: &core.Guard{Verifier: down}},
		{Path: "/revocable", Guard: &core.Guard{Verifier: revoking}},
		{Path: "/optional", Guard: &core.Guard{Verifier: good, Optional: true}},
		{Path: "/realm", Guard: &core.Guard{Verifier: good, Realm: "orders", ResourceMetadata: metadata.URL()}},
		{Path: "/quoted", Guard: &core.Guard{Verifier: good, Realm: quotedRealm}},
		{Path: "/header", Guard: sources(core.FromHeader("X-Assertion"))},
		{Path: "/cookie", Guard: sources(cookie)},
		{Path: "/trusting", Guard: sources(core.FromCookie("session", "https://app.test", "http://plain.test:8080"))},
		{Path: "/query", Guard: sources(query)},
		{Path: "/subprotocol", Guard: sources(core.FromSubprotocol("bearer."))},
		{Path: "/anywhere", Guard: sources(bearer, cookie, query)},
		{Path: metadata.Path(), Metadata: &metadata},
		{Path: "/panics", Guard: sources(), panics: true},
		{Path: "/words", Guard: &core.Guard{Verifier: listing}, Requirements: []core.Requirement{core.Role("admin")}},
	}
	a.shared = shared{[]core.TokenSource{core.FromBearer()}, []core.Requirement{core.Role("admin")}}
	routes = append(routes, Route{Path: "/shared", Guard: sources(a.shared.tokens...), Requirements: a.shared.requirements})
	routes = append(routes, requiringRoutes(good)...)
	proving, err := a.proofRoutes()
	opaque, errOpaque := a.opaqueRoutes()
	if err := errors.Join(err, errOpaque); err != nil {
		return nil, fmt.Errorf("adaptertest: guards of the table: %w", err)
	}
	routes = append(append(routes, proving...), opaque...)
	for i := range routes {
		routes[i].calls = &a.calls
	}
	return routes, nil
}

func requiringRoutes(v *core.Verifier) []Route {
	require := func(path string, reqs ...core.Requirement) Route {
		return Route{Path: path, Guard: &core.Guard{Verifier: v}, Requirements: reqs}
	}
	scope := core.Scope("orders:read", "orders:write")
	return []Route{
		{Path: "/forgotten", Requirements: []core.Requirement{scope}},
		{Path: "/optional/scope", Guard: &core.Guard{Verifier: v, Optional: true, Realm: "orders"}, Requirements: []core.Requirement{scope}},
		{Path: "/realm/scope", Guard: &core.Guard{Verifier: v, Realm: "orders", ResourceMetadata: metadata.URL()}, Requirements: []core.Requirement{scope}},
		require("/scope", scope),
		require("/any-scope", core.AnyScope("orders:read", "orders:write")),
		require("/role", core.Role("admin")),
		require("/permission", core.Permission("ship")),
		require("/claim-in", core.ClaimIn([]string{"tenant", "tier"}, "gold", "silver")),
		require("/max-auth-age", core.MaxAuthAge(10*time.Minute)),
		require("/acr", core.ACR("phr", "phrh")),
		require("/all", core.All(core.Scope("orders:read"), core.Role("admin"))),
		require("/any", core.Any(core.Scope("orders:read"), core.Role("admin"))),
		require("/two", core.Scope("orders:read"), core.Role("admin")),
		require("/func", core.Func(noMallory)),
	}
}

func revokedByID(_ context.Context, c *core.Claims) (bool, error) {
	if c.ID == "unknowable" {
		return false, errors.New("no answer from " + secretHost)
	}
	return c.ID == "revoked", nil
}

func noMallory(_ context.Context, c *core.Claims) error {
	if c.Subject == "mallory" {
		return errors.New("denied by " + secretHost)
	}
	return nil
}
