package jwttest

import (
	"net/http"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// guardRows are about the settings of a guard, and about what it cannot decide.
func (a *adapterApp) guardRows() []adapterRow {
	good := "Authorization: Bearer " + a.issuer.Token(nil)
	expired := "Authorization: Bearer " + a.issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour)})
	identified := func(jti string) string { return "Authorization: Bearer " + a.issuer.Token(map[string]any{"jti": jti}) }
	hasExpired := invalidToken(core.ReasonExpired, "the token has expired")
	misconfigured := refused(http.StatusInternalServerError, core.ReasonMisconfigured, "")
	document := wanted{status: http.StatusOK, body: `{"resource":"https://api.test/orders",` +
		`"authorization_servers":["https://issuer.test"],"scopes_supported":["orders:read","orders:write"]}`}
	later := func(reason core.Reason) wanted {
		return wanted{status: http.StatusServiceUnavailable, reason: reason, retryAfter: true}
	}
	row := func(name, target string, want wanted, lines ...string) adapterRow {
		return adapterRow{name, wireRequest{target: target, lines: lines}, want}
	}
	downsToken := "Authorization: Bearer " + a.down.Token(nil)
	return []adapterRow{
		row("optional: no token", "/optional", passes("")),
		row("optional: another scheme", "/optional", passes(""), "Authorization: Basic YWxpY2U6c2VjcmV0"),
		row("optional: a good token", "/optional", passes(Subject), good),
		row("C11 optional: a bad token", "/optional", hasExpired, expired),
		row("C11 optional: two tokens", "/optional", twoTokens, good, good),
		row("C11 optional: Bearer and nothing", "/optional", badRequest, "Authorization: Bearer"),

		row("C12 the zero Guard", "/zero", misconfigured, good),
		row("C12 the zero Guard and no token", "/zero", misconfigured),
		row("C12 the zero Verifier", "/empty-verifier", misconfigured, good),

		row("C09 keys that cannot be had", "/down", later(core.ReasonKeysUnavailable), downsToken),
		row("C09 keys that cannot be had, asked again", "/down", later(core.ReasonKeysUnavailable), downsToken),
		row("C09 no keys and no token", "/down", noToken),
		row("A23 no keys and a token of another issuer", "/down", invalidToken(core.ReasonWrongIssuer, "the token is not from a trusted issuer"), good),
		row("a revoked token", "/revocable", invalidToken(core.ReasonRevoked, "the token has been revoked"), identified("revoked")),
		row("a token that is not revoked", "/revocable", passes(Subject), identified("other")),
		row("C08 a list of revoked tokens that cannot be read", "/revocable", later(core.ReasonRevocationUnavailable), identified("unknowable")),

		row("realm and metadata without a token", "/realm", refused(401, core.ReasonNoToken,
			`Bearer realm="orders", resource_metadata="https://api.test/.well-known/oauth-protected-resource/orders"`)),
		row("realm and metadata with a bad token", "/realm", refused(401, core.ReasonExpired,
			`Bearer realm="orders", error="invalid_token", error_description="the token has expired", `+
				`resource_metadata="https://api.test/.well-known/oauth-protected-resource/orders"`), expired),
		row("realm and metadata with two tokens", "/realm", refused(400, core.ReasonMultipleTokens,
			`Bearer realm="orders", error="invalid_request", error_description="the request carries more than one token", `+
				`resource_metadata="https://api.test/.well-known/oauth-protected-resource/orders"`), good, good),
		row("C08 a realm with quotes and line breaks", "/awkward", refused(401, core.ReasonNoToken,
			`Bearer realm="the \"orders\" \\ service??X-Injected: yes ??"`)),

		row("the metadata document", "/.well-known/oauth-protected-resource/orders", document),
		{"the metadata document by HEAD", wireRequest{method: "HEAD", target: "/.well-known/oauth-protected-resource/orders"}, document},
	}
}
