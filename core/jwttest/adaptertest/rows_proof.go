package adaptertest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// serviceURL is where clients reach the service of the table.
const serviceURL = "https://api.test"

// algs are the algorithms of proofs that a challenge lists.
const algs = `algs="ES256 PS256 RS256 Ed25519 EdDSA"`

var (
	newSecret = core.Secret(strings.Repeat("new ", 8))
	oldSecret = core.Secret(strings.Repeat("old ", 8))
)

// proving is a Config that has DPoP in force and nothing else to say.
func (a *app) proving(edit func(*core.DPoP)) core.Config {
	config := a.issuer.Config()
	config.DPoP.URLs = []string{serviceURL}
	if edit != nil {
		edit(&config.DPoP)
	}
	return config
}

// proofRoutes are about tokens that are bound to a key.
func (a *app) proofRoutes() ([]Route, error) {
	good, err := core.New(a.proving(nil))
	required, err2 := core.New(a.proving(func(d *core.DPoP) { d.Required = true }))
	nonced, err3 := core.New(a.proving(func(d *core.DPoP) { d.Nonces = []core.Secret{newSecret, oldSecret} }))
	down, err4 := core.New(a.proving(func(d *core.DPoP) { d.Replays = downStore{} }))
	behind := a.issuer.Config()
	behind.ClientCert = core.ClientCert{Header: "Client-Cert", From: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	certified, err5 := core.New(behind)
	behind.ClientCert.From = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	elsewhere, err6 := core.New(behind)
	guard := func(path string, v *core.Verifier, tokens ...core.TokenSource) Route {
		return Route{Path: path, Guard: &core.Guard{Verifier: v, Tokens: tokens}}
	}
	scope := guard("/proved/scope", good)
	scope.Requirements = []core.Requirement{core.Scope("orders:read")}
	return []Route{
		{Path: "/proved", Configs: []core.Config{a.proving(nil)}},
		{Path: "/proved/optional", Guard: &core.Guard{Verifier: good, Optional: true, Realm: "orders"}},
		guard("/proved/required", required),
		guard("/proved/nonced", nonced),
		guard("/proved/down", down),
		guard("/proved/anywhere", good, core.FromBearer(), core.FromCookie("session"), core.InsecureFromQuery("access_token"), core.FromHeader("X-Assertion")),
		scope,
		guard("/certified", certified),
		guard("/certified/elsewhere", elsewhere),
	}, errors.Join(err, err2, err3, err4, err5, err6)
}

// downStore has no answer.
type downStore struct{}

// Claim fails with a text that no client may see.
func (downStore) Claim(context.Context, string, time.Duration) (bool, error) {
	return false, errors.New("no answer from " + secretHost)
}

// inDPoP is a refusal after a request by the scheme DPoP.
func inDPoP(status int, reason core.Reason, code, description string) wanted {
	return refused(status, reason, `DPoP error="`+code+`", error_description="`+description+`", `+algs+`, Bearer`)
}

// boundAsBearer is the refusal of a bound token that came without the scheme DPoP.
func boundAsBearer() wanted {
	const why = "the token is bound to a key and is no bearer token"
	return refused(401, core.ReasonSenderConstraint, `Bearer error="invalid_token", error_description="`+why+`", DPoP `+algs)
}

// proofRows are about proofs, which belong to a request as it stood on the wire (RFC 9449).
func (a *app) proofRows() []tableRow {
	prover, thief := jwttest.NewProver("ES256"), jwttest.NewProver("ES256")
	token := a.issuer.Token(map[string]any{"cnf": prover.Confirmation()})
	unbound := a.issuer.Token(nil)
	proofFor := func(method, path string) string { return prover.Proof(method, serviceURL+path, token, nil) }
	authorization, proof := "Authorization: DPoP "+token, func() string { return "DPoP: " + proofFor("GET", "/proved") }
	invalid := inDPoP(401, core.ReasonInvalidProof, "invalid_dpop_proof", "the DPoP proof is missing or not valid for this request")
	used := inDPoP(401, core.ReasonReplayedProof, "invalid_dpop_proof", "the DPoP proof was used before")
	row := func(name, target string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{target: target, lines: lines}, want}
	}
	method := func(name, method string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{method: method, target: "/proved", lines: lines}, want}
	}
	twice := proof()
	both := `error="invalid_request", error_description="the request carries more than one token"`
	rows := []tableRow{
		row("a good proof", "/proved", passes(jwttest.Subject), authorization, proof()),
		row("S75 a proof", "/proved", passes(jwttest.Subject), authorization, twice),
		row("S75 the same proof", "/proved", used, authorization, twice),
		row("S95 no token, two schemes", "/proved", refused(401, core.ReasonNoToken, "Bearer, DPoP "+algs)),
		row("S01 a bound token as Bearer", "/proved", boundAsBearer(), "Authorization: Bearer "+token),
		row("S02 a bound token as Bearer, with a proof", "/proved", boundAsBearer(), "Authorization: Bearer "+token, proof()),
		row("S04 an unbound token by DPoP", "/proved", inDPoP(401, core.ReasonSenderConstraint, "invalid_token", "the token is not bound to a key, as it has to be here"),
			"Authorization: DPoP "+unbound, "DPoP: "+prover.Proof("GET", serviceURL+"/proved", unbound, nil)),
		row("S05 an unbound token as Bearer, with a proof", "/proved", passes(jwttest.Subject), "Authorization: Bearer "+unbound, proof()),
		row("S07 no proof", "/proved", invalid, authorization),
		row("S08 two proofs", "/proved", invalid, authorization, proof(), proof()),
		row("S09 two proofs in one line", "/proved", invalid, authorization, proof()+", "+proofFor("GET", "/proved")),
		row("S10 an empty proof", "/proved", invalid, authorization, "DPoP: "),
		row("S11 names in lower case", "/proved", passes(jwttest.Subject), "authorization: dpop "+token, strings.Replace(proof(), "DPoP", "dpop", 1)),
		row("S11 names in upper case", "/proved", passes(jwttest.Subject), "AUTHORIZATION: DPOP "+token, strings.Replace(proof(), "DPoP", "DPOP", 1)),
		row("S12 two schemes", "/proved", refused(400, core.ReasonMultipleTokens, "Bearer "+both+", DPoP "+both+", "+algs), "Authorization: Bearer "+unbound, authorization, proof()),
		row("S13 DPoP and nothing", "/proved", inDPoP(400, core.ReasonMalformedRequest, "invalid_request", "the token is not sent as RFC 6750 describes"), "Authorization: DPoP"),
		row("S41 the proof of another key", "/proved", inDPoP(401, core.ReasonSenderConstraint, "invalid_token", "the token is bound to another key"),
			authorization, "DPoP: "+thief.Proof("GET", serviceURL+"/proved", token, nil)),
		method("S53 a proof of GET for POST", "POST", invalid, authorization, proof()),
		method("S53 a proof of POST", "POST", passes(jwttest.Subject), authorization, "DPoP: "+proofFor("POST", "/proved")),
		method("S53 a method that a header overrides", "POST", invalid, authorization, proof(), "X-HTTP-Method-Override: GET"),
		method("S53 a proof of HEAD", "HEAD", passes(jwttest.Subject), authorization, "DPoP: "+proofFor("HEAD", "/proved")),
		row("S54 a proof for another path", "/proved", invalid, authorization, "DPoP: "+proofFor("GET", "/proved/")),
		row("S56 forwarded headers", "/proved", invalid, authorization, "DPoP: "+prover.Proof("GET", "https://evil.test/proved", token, nil),
			"X-Forwarded-Host: evil.test", "X-Forwarded-Proto: https", "Forwarded: host=evil.test"),
		row("S57 an absolute target", "http://evil.test/proved", passes(jwttest.Subject), authorization, proof()),
		row("S57 a proof for an absolute target", "http://evil.test/proved", invalid, authorization, "DPoP: "+prover.Proof("GET", "http://evil.test/proved", token, nil)),
		row("S68 a query", "/proved?a=/b", passes(jwttest.Subject), authorization, proof()),
		tableRow{"S100 a proof in a trailer", wireRequest{"POST", "/proved", []string{authorization}, &late{"body", []string{"DPoP: " + proofFor("POST", "/proved")}}}, invalid},
	}
	return append(rows, proofGuardRows(prover, token, unbound)...)
}

// proofGuardRows are about guards that want more than a proof, or look for the token elsewhere.
func proofGuardRows(prover *jwttest.Prover, token, unbound string) []tableRow {
	authorization := "Authorization: DPoP " + token
	proofFor := func(method, path string) string { return prover.Proof(method, serviceURL+path, token, nil) }
	row := func(name, target string, want wanted, lines ...string) tableRow {
		return tableRow{name, wireRequest{target: target, lines: lines}, want}
	}
	return []tableRow{
		row("S06 an unbound token where a bound one is required", "/proved/required",
			refused(401, core.ReasonSenderConstraint, `DPoP error="invalid_token", error_description="the token is not bound to a key, as it has to be here", `+algs), "Authorization: Bearer "+unbound),
		row("S95 no token where a bound one is required", "/proved/required", refused(401, core.ReasonNoToken, "DPoP "+algs)),
		row("S97 optional: nobody", "/proved/optional", passes("")),
		row("S97 optional: no proof", "/proved/optional",
			refused(401, core.ReasonInvalidProof, `DPoP realm="orders", error="invalid_dpop_proof", error_description="the DPoP proof is missing or not valid for this request", `+
				algs+`, Bearer realm="orders"`), authorization),
		row("S96 a scope", "/proved/scope", refused(403, core.ReasonInsufficientScope,
			`DPoP error="insufficient_scope", error_description="the token does not grant a required scope", scope="orders:read", `+algs+`, Bearer`), authorization, "DPoP: "+proofFor("GET", "/proved/scope")),
		row("S86 a store that is down", "/proved/down", wanted{status: http.StatusServiceUnavailable, reason: core.ReasonReplayUnavailable, retryAfter: true},
			authorization, "DPoP: "+proofFor("GET", "/proved/down")),
		row("S03 a bound token in a cookie", "/proved/anywhere", boundAsBearer(), "Cookie: session="+token, "DPoP: "+proofFor("GET", "/proved/anywhere")),
		row("S03 a bound token in a header", "/proved/anywhere", boundAsBearer(), "X-Assertion: "+token, "DPoP: "+proofFor("GET", "/proved/anywhere")),
		row("S03 a bound token in the query", "/proved/anywhere?access_token="+token, boundAsBearer(), "DPoP: "+proofFor("GET", "/proved/anywhere")),
	}
}

// nonceRows are about what a client is told to put into its next proof.
func (a *app) nonceRows() []tableRow {
	prover := jwttest.NewProver("ES256")
	token := a.issuer.Token(map[string]any{"cnf": prover.Confirmation()})
	proof := func(nonce any) string {
		return "DPoP: " + prover.Proof("GET", serviceURL+"/proved/nonced", token, map[string]any{"nonce": nonce})
	}
	told := wanted{status: 401, reason: core.ReasonUseDPoPNonce, nonce: true,
		challenge: `DPoP error="use_dpop_nonce", error_description="the DPoP proof must carry the nonce of this service", ` + algs}
	renewed := passes(jwttest.Subject)
	renewed.nonce = true
	row := func(name string, want wanted, nonce any) tableRow {
		return tableRow{name, wireRequest{target: "/proved/nonced", lines: []string{"Authorization: DPoP " + token, proof(nonce)}}, want}
	}
	return []tableRow{
		row("S93 no nonce", told, nil),
		row("S88 another service's nonce", told, "eyJhbGciOiJub25lIn0"),
		row("S90 a nonce of the retiring secret", renewed, a.nonceOf(oldSecret)),
	}
}

// nonceOf asks another replica, whose only secret this is.
func (a *app) nonceOf(secret core.Secret) (nonce string) {
	prover := jwttest.NewProver("ES256")
	r := httptest.NewRequest("GET", serviceURL+"/", nil)
	prover.Sign(r, a.issuer.Token(map[string]any{"cnf": prover.Confirmation()}))
	_, err := core.MustGuard(a.proving(func(d *core.DPoP) { d.Nonces = []core.Secret{secret} })).Check(context.Background(), core.HTTPRequest(r))
	if err != nil {
		core.RefusalOf(err).SetHeaders(func(name, value string) {
			if name == "DPoP-Nonce" {
				nonce = value
			}
		})
	}
	return nonce
}
