package adaptertest

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// requireRow sends a token of these claims.
func (a *app) requireRow(name, target string, claims map[string]any, want wanted) tableRow {
	return tableRow{name, wireRequest{target: target, lines: []string{"Authorization: Bearer " + a.issuer.Token(claims)}}, want}
}

var lacksBothScopes = refused(http.StatusForbidden, core.ReasonInsufficientScope,
	`Bearer error="insufficient_scope", error_description="the token does not grant a required scope", scope="orders:read orders:write"`)

var lacksReadScope = refused(http.StatusForbidden, core.ReasonInsufficientScope,
	`Bearer error="insufficient_scope", error_description="the token does not grant a required scope", scope="orders:read"`)

var notPermitted = refused(http.StatusForbidden, core.ReasonForbidden,
	`Bearer error="insufficient_scope", error_description="the token does not permit this request"`)

// scopeRows are about scopes, and about where a Require stands.
func (a *app) scopeRows() []tableRow {
	both, one := map[string]any{"scope": "orders:write profile orders:read"}, map[string]any{"scope": "orders:read"}
	return []tableRow{
		a.requireRow("C09 both scopes", "/scope", both, passes(jwttest.Subject)),
		a.requireRow("C09 one scope of two", "/scope", one, lacksBothScopes),
		a.requireRow("C09 no scope", "/scope", nil, lacksBothScopes),
		a.requireRow("C09 scopes that only look alike", "/scope", map[string]any{"scope": "ORDERS:READ orders:write2 xorders:read"}, lacksBothScopes),
		a.requireRow("scp as an array", "/scope", map[string]any{"scp": []string{"orders:read", "orders:write"}}, passes(jwttest.Subject)),
		a.requireRow("scp as a string", "/scope", map[string]any{"scp": "orders:read orders:write"}, passes(jwttest.Subject)),
		a.requireRow("scope as an object", "/scope", map[string]any{"scope": map[string]bool{"orders:read": true}}, lacksBothScopes),
		a.requireRow("one scope of any", "/any-scope", one, passes(jwttest.Subject)),
		a.requireRow("none of any scope", "/any-scope", map[string]any{"scope": "profile"}, lacksReadScope),
		{"C09 a required scope and no token", wireRequest{target: "/scope"}, noToken},

		a.requireRow("C10 Require without a guard", "/forgotten", both, refused(http.StatusInternalServerError, core.ReasonMisconfigured, "")),
		{"C10 Require without a guard and without a token", wireRequest{target: "/forgotten"},
			refused(http.StatusInternalServerError, core.ReasonMisconfigured, "")},
		{"Require where nobody needs to be there", wireRequest{target: "/optional/scope"}, refused(401, core.ReasonNoToken, `Bearer realm="orders"`)},
		a.requireRow("Require where somebody is there", "/optional/scope", both, passes(jwttest.Subject)),
		a.requireRow("Require words its challenge as its guard does", "/realm/scope", nil, refused(http.StatusForbidden, core.ReasonInsufficientScope,
			`Bearer realm="orders", error="insufficient_scope", error_description="the token does not grant a required scope", `+
				`scope="orders:read orders:write", resource_metadata="https://api.test/.well-known/oauth-protected-resource/orders"`)),
	}
}

// requirementRows are about every other kind of requirement, and their combinations.
func (a *app) requirementRows() []tableRow {
	tier := func(value any) map[string]any { return map[string]any{"tenant": map[string]any{"tier": value}} }
	admin, reader := map[string]any{"roles": []string{"admin"}}, map[string]any{"scope": "orders:read"}
	adminReader := map[string]any{"roles": []string{"user", "admin"}, "scope": "orders:read"}
	return []tableRow{
		a.requireRow("a permission", "/permission", map[string]any{"permissions": []string{"pack", "ship"}}, passes(jwttest.Subject)),
		a.requireRow("another permission", "/permission", map[string]any{"permissions": []string{"pack"}}, notPermitted),
		a.requireRow("a claim of the list", "/claim-in", tier("silver"), passes(jwttest.Subject)),
		a.requireRow("a claim with one of the list", "/claim-in", tier([]string{"tin", "gold"}), passes(jwttest.Subject)),
		a.requireRow("a claim that is not on the list", "/claim-in", tier("tin"), notPermitted),
		a.requireRow("a claim that is not there", "/claim-in", nil, notPermitted),

		a.requireRow("all of two", "/all", adminReader, passes(jwttest.Subject)),
		a.requireRow("all of two: the first is missing", "/all", admin, lacksReadScope),
		a.requireRow("all of two: the second is missing", "/all", reader, notPermitted),
		a.requireRow("two in one Require", "/two", adminReader, passes(jwttest.Subject)),
		a.requireRow("two in one Require: one is missing", "/two", reader, notPermitted),
		a.requireRow("any of two: the first", "/any", reader, passes(jwttest.Subject)),
		a.requireRow("any of two: the second", "/any", admin, passes(jwttest.Subject)),
		a.requireRow("any of two: none", "/any", nil, lacksReadScope),
		a.requireRow("a function that grants", "/func", nil, passes(jwttest.Subject)),
		a.requireRow("C08 a function that does not", "/func", map[string]any{"sub": "mallory"}, notPermitted),
	}
}

// roleRows are about the forms in which issuers write roles.
func (a *app) roleRows() []tableRow {
	row := func(name string, roles any, want wanted) tableRow {
		return a.requireRow(name, "/role", map[string]any{"roles": roles}, want)
	}
	member := func(name, value string, want wanted) tableRow {
		return row(name, json.RawMessage(`{"admin":`+value+`}`), want)
	}
	granted := passes(jwttest.Subject)
	return []tableRow{
		row("a role", []string{"admin"}, granted),
		row("another role", []string{"administrator"}, notPermitted),
		row("no role", nil, notPermitted),
		row("T3 a role as a string", "admin", granted),
		row("T3 a string is one role", "not admin", notPermitted),
		row("T3 a string is one role, which comes first", "admin user", notPermitted),
		member("T3 a role as a member that is true", `true`, granted),
		member("T3 a role as a member that is a number", `1`, granted),
		member("T3 a role as a member with members", `{"208":"example.org"}`, granted),
		member("T3 a role as a member with elements", `["orders"]`, granted),
		member("T3 a role that is false", `false`, notPermitted),
		member("T3 a role that is null", `null`, notPermitted),
		member("T3 a role that is 0", `0`, notPermitted),
		member("T3 a role that is 0.0", `0.0e3`, notPermitted),
		member("T3 a role that is an empty string", `""`, notPermitted),
		member("T3 a role that is an empty object", `{}`, notPermitted),
		member("T3 a role that is an empty array", `[ ]`, notPermitted),
		a.requireRow("T3 a permission that is false", "/permission", map[string]any{"permissions": map[string]any{"ship": false}}, notPermitted),
		a.requireRow("T3 a role in a list of words", "/words", map[string]any{"realm": map[string]any{"scp": "user admin"}}, granted),
	}
}

// stepUpRows are about authentication that is too old or too weak (RFC 9470, section 3).
func (a *app) stepUpRows() []tableRow {
	authenticated := func(ago time.Duration) map[string]any { return map[string]any{"auth_time": time.Now().Add(-ago)} }
	tooOld := refused(401, core.ReasonInsufficientAuthentication,
		`Bearer error="insufficient_user_authentication", error_description="a more recent or stronger authentication is required", max_age="600"`)
	tooWeak := refused(401, core.ReasonInsufficientAuthentication,
		`Bearer error="insufficient_user_authentication", error_description="a more recent or stronger authentication is required", acr_values="phr phrh"`)
	return []tableRow{
		a.requireRow("authenticated just now", "/max-auth-age", authenticated(time.Minute), passes(jwttest.Subject)),
		a.requireRow("authenticated long ago", "/max-auth-age", authenticated(time.Hour), tooOld),
		a.requireRow("authenticated nobody knows when", "/max-auth-age", nil, tooOld),
		a.requireRow("strong authentication", "/acr", map[string]any{"acr": "phrh"}, passes(jwttest.Subject)),
		a.requireRow("weak authentication", "/acr", map[string]any{"acr": "0"}, tooWeak),
		a.requireRow("authentication of unknown strength", "/acr", nil, tooWeak),
	}
}
