package adaptertest

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// opaqueRoutes are about tokens that are no JWTs. JWTs of another issuer come on the same route.
func (a *app) opaqueRoutes() ([]Route, error) {
	config := a.issuer.OpaqueConfig()
	config.DPoP.URLs = []string{serviceURL}
	asked, err := core.New(config, a.second.Config())
	failing := a.down.OpaqueConfig()
	failing.Logger = slog.New(slog.DiscardHandler)
	down, err2 := core.New(failing)
	return []Route{
		{Path: "/asked", Guard: &core.Guard{Verifier: asked}},
		{Path: "/asked/down", Guard: &core.Guard{Verifier: down}},
	}, errors.Join(err, err2)
}

// opaqueRows are about answers of an introspection endpoint (RFC 7662).
func (a *app) opaqueRows() []tableRow {
	revoked := a.issuer.Opaque(nil)
	a.issuer.Revoke(revoked)
	prover := jwttest.NewProver("ES256")
	bound := a.issuer.Opaque(map[string]any{"cnf": prover.Confirmation()})
	proof := httptest.NewRequest("GET", serviceURL+"/asked", nil)
	prover.Sign(proof, bound)
	row := func(name, target string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{target: target, lines: lines}, want}
	}
	refusal := func(reason core.Reason, description string) wanted {
		return refused(401, reason, `Bearer error="invalid_token", error_description="`+description+`", DPoP `+algs)
	}
	bearer := func(token string) string { return "Authorization: Bearer " + token }
	inactive := refusal(core.ReasonInactive, "the token is not active")
	return []tableRow{
		row("an opaque token", "/asked", passes(jwttest.Subject), bearer(a.issuer.Opaque(nil))),
		row("an opaque token of every character", "/asked", inactive, bearer("aZ09-._~+/==")),
		row("an opaque token that was revoked", "/asked", inactive, bearer(revoked)),
		row("an opaque token for another service", "/asked", refusal(core.ReasonWrongAudience, "the token is not meant for this service"),
			bearer(a.issuer.Opaque(map[string]any{"aud": "https://other.test"}))),
		row("a JWT beside opaque tokens", "/asked", passes(jwttest.Subject), bearer(a.second.Token(nil))),
		row("a bound opaque token with its proof", "/asked", passes(jwttest.Subject),
			"Authorization: "+proof.Header.Get("Authorization"), "DPoP: "+proof.Header.Get("DPoP")),
		row("a bound opaque token as Bearer", "/asked", refusal(core.ReasonSenderConstraint, "the token is bound to a key and is no bearer token"), bearer(bound)),
		row("an endpoint that is down", "/asked/down",
			wanted{status: http.StatusServiceUnavailable, reason: core.ReasonIntrospectionUnavailable, retryAfter: true}, bearer(a.down.Opaque(nil))),
		row("an endpoint that is down and no token", "/asked/down", noToken),
	}
}
