package adaptertest

import (
	"net/http"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// guardRows are about the settings of a guard, and about what it cannot decide.
func (a *app) guardRows() []tableRow {
	good := "Authorization: Bearer " + a.issuer.Token(nil)
	expired := "Authorization: Bearer " + a.issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour)})
	identified := func(jti string) string { return "Authorization: Bearer " + a.issuer.Token(map[string]any{"jti": jti}) }
	hasExpired := invalidToken(core.ReasonExpired, "the token has expired")
	document := wanted{status: http.StatusOK, body: `{"resource":"https://api.test/orders",` +
		`"authorization_servers":["https://issuer.test"],"scopes_supported":["orders:read","orders:write"]}`}
	later := func(reason core.Reason) wanted {
		return wanted{status: http.StatusServiceUnavailable, reason: reason, retryAfter: true}
	}
	row := func(name, target string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{target: target, lines: lines}, want}
	}
	wrongIssuer := invalidToken(core.ReasonWrongIssuer, "the token is not from a trusted issuer")
	bearer := func(i *jwttest.Issuer) string { return "Authorization: Bearer " + i.Token(nil) }
	downsToken := "Authorization: Bearer " + a.down.Token(nil)
	return []tableRow{
		row("optional: no token", "/optional", passes("")),
		row("optional: another scheme", "/optional", passes(""), "Authorization: Basic YWxpY2U6c2VjcmV0"),
		row("optional: a good token", "/optional", passes(jwttest.Subject), good),
		row("C11 optional: a bad token", "/optional", hasExpired, expired),
		row("C11 optional: two tokens", "/optional", twoTokens, good, good),
		row("C11 optional: Bearer and nothing", "/optional", badRequest, "Authorization: Bearer"),

		row("T17 optional: a tab after the scheme", "/optional", badRequest, strings.Replace(good, "Bearer ", "Bearer\t", 1)),

		row("several issuers: the first", "/one-line", passes(jwttest.Subject), bearer(a.issuer)),
		row("several issuers: the second", "/one-line", passes(jwttest.Subject), bearer(a.second)),
		row("several issuers: another", "/one-line", wrongIssuer, bearer(a.down)),

		row("C09 keys that cannot be had", "/down", later(core.ReasonKeysUnavailable), downsToken),
		row("C09 keys that cannot be had, asked again", "/down", later(core.ReasonKeysUnavailable), downsToken),
		row("C09 no keys and no token", "/down", noToken),
		row("A23 no keys and a token of another issuer", "/down", wrongIssuer, good),
		row("a revoked token", "/revocable", invalidToken(core.ReasonRevoked, "the token has been revoked"), identified("revoked")),
		row("a token that is not revoked", "/revocable", passes(jwttest.Subject), identified("other")),
		row("C08 a list of revoked tokens that cannot be read", "/revocable", later(core.ReasonRevocationUnavailable), identified("unknowable")),

		row("realm and metadata without a token", "/realm", refused(401, core.ReasonNoToken,
			`Bearer realm="orders", resource_metadata="https://api.test/.well-known/oauth-protected-resource/orders"`)),
		row("realm and metadata with a bad token", "/realm", refused(401, core.ReasonExpired,
			`Bearer realm="orders", error="invalid_token", error_description="the token has expired", `+
				`resource_metadata="https://api.test/.well-known/oauth-protected-resource/orders"`), expired),
		row("realm and metadata with two tokens", "/realm", refused(400, core.ReasonMultipleTokens,
			`Bearer realm="orders", error="invalid_request", error_description="the request carries more than one token", `+
				`resource_metadata="https://api.test/.well-known/oauth-protected-resource/orders"`), good, good),
		row("C08 a realm with quotes", "/quoted", refused(401, core.ReasonNoToken, `Bearer realm="the \"orders\" \\ service"`)),

		row("the metadata document", "/.well-known/oauth-protected-resource/orders", document),
		{"the metadata document by HEAD", wireRequest{method: "HEAD", target: "/.well-known/oauth-protected-resource/orders"}, document},
	}
}
