package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// askArgs are the flags for an issuer whose client this program is.
func askArgs(t *testing.T, issuer *jwttest.Issuer, more ...string) []string {
	t.Helper()
	return append([]string{"-issuer", issuer.URL(), "-audience", jwttest.Audience, "-introspect", "-introspect-url", issuer.IntrospectionURL(),
		"-client-id", jwttest.ClientID, "-client-secret-file", written(t, jwttest.ClientSecret+"\n")}, more...)
}

func TestIntrospect(t *testing.T) {
	issuer := jwttest.Serve(t)
	opaque := func(name string, value any) string { return issuer.Opaque(map[string]any{name: value}) }
	revoked := issuer.Opaque(nil)
	issuer.Revoke(revoked)
	past := time.Now().Add(-time.Hour).Unix()
	rows := []struct {
		name, token string
		args        []string
		status      int
		want        []string
	}{
		{"an active token", opaque("sub", "alice"), nil, passed, []string{"no dots: an opaque token",
			"to the client \"https://api.test\"", "asked    " + issuer.IntrospectionURL() + ", status 200",
			"answer   active: true", `answer   sub: "alice"`, "ok  active", "ok  aud", "Verdict: the token passes."}},
		{"a revoked one", revoked, nil, refused, []string{"reason inactive", "NO  active     got false", "?   iss", "revoked"}},
		{"for others", opaque("aud", "other"), nil, refused, []string{"reason wrong_audience", "NO  aud",
			`Audiences: []string{"https://api.test", "other"}`, "With such a Config it would pass."}},
		{"of another client", opaque("client_id", "app"), []string{"-clients", "web"}, refused,
			[]string{"NO  client", `Clients: []string{"web", "app"}`}},
		{"ended, and for others", issuer.Opaque(map[string]any{"exp": past, "aud": "other"}), nil, refused, []string{"reason expired", "NO  exp",
			"then be refused because of wrong_audience", "a copy of the answer"}},
		{"nothing said of it", issuer.Opaque(map[string]any{"exp": nil, "aud": nil, "iss": nil}), nil, passed,
			[]string{"ok  exp        got none, wanted none, or later"}},
		{"of no known age", issuer.Opaque(map[string]any{"exp": nil, "iat": nil}), []string{"-max-age", "10m"}, refused,
			[]string{"reason missing_claim", "MaxAge: 0"}},
		{"of another issuer", opaque("iss", "https://other.test"), nil, refused,
			[]string{"reason wrong_issuer", `Issuer: "https://other.test"`}},
		{"a refresh token", opaque("token_use", "refresh_token"), nil, refused,
			[]string{"reason wrong_type", "NO  active", "send the access token"}},
		{"bound to a key", opaque("cnf", map[string]any{"jkt": "x"}), nil, refused,
			[]string{"reason sender_constraint", "NO  cnf", "DPoP", "a copy of the answer"}},
		{"the endpoint by discovery", issuer.Opaque(nil), []string{"-introspect-url", ""}, passed, []string{issuer.IntrospectionURL() + ", status 200"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			output := holds(t, askArgs(t, issuer, row.args...), "Bearer "+row.token+"\n", row.status, row.want)
			for _, secret := range []string{row.token, jwttest.ClientSecret} {
				if strings.Contains(output, secret) {
					t.Error("got the token or the client's secret in the output, want neither")
				}
			}
		})
	}
}

// What is no opaque token is sent to nobody, whatever was asked for.
func TestIntrospectSendsNoJWT(t *testing.T) {
	issuer := jwttest.Serve(t)
	for name, row := range map[string]struct {
		token  string
		status int
		want   []string
	}{
		"a JWT":                     {issuer.Token(nil), passed, []string{"sent     nowhere", "ok  signature"}},
		"a JWT of another audience": {issuer.Token(map[string]any{"aud": "other"}), refused, []string{"sent     nowhere", "wrong_audience"}},
		"a JWE":                     {"a.b.c.d.e", refused, []string{"sent     nowhere", "malformed_token"}},
		"no token68":                {"what!", refused, []string{"asked    nobody", "malformed_token"}},
		"too long":                  {strings.Repeat("a", 5000), refused, []string{"asked    nobody", "malformed_token"}},
	} {
		t.Run(name, func(t *testing.T) { holds(t, askArgs(t, issuer), row.token, row.status, row.want) })
	}
	if got := issuer.Introspections(); got != 0 {
		t.Errorf("got %d questions, want none", got)
	}
}

func TestIntrospectWithAProof(t *testing.T) {
	issuer, prover := jwttest.Serve(t), jwttest.NewProver("ES256")
	token := issuer.Opaque(map[string]any{"cnf": prover.Confirmation(), "token_type": "DPoP"})
	const url = "https://api.example.com/orders"
	for method, status := range map[string]int{"POST": passed, "GET": refused} {
		proof := written(t, prover.Proof("POST", url, token, nil))
		holds(t, askArgs(t, issuer, "-dpop", proof, "-method", method, "-url", url), token, status, []string{"proof"})
	}
}

func TestIntrospectUnable(t *testing.T) {
	issuer, down := jwttest.Serve(t), jwttest.Serve(t)
	down.Misbehave(jwttest.Fail(http.StatusInternalServerError))
	asked := []string{"-issuer", issuer.URL(), "-audience", jwttest.Audience, "-introspect"}
	missing := filepath.Join(t.TempDir(), "none")
	rows := []struct {
		name string
		args []string
		want []string
	}{
		{"no client", asked, []string{"ClientID is empty", "neither Secret nor Key"}},
		{"another secret", askArgs(t, issuer, "-client-secret-file", written(t, "wrong")),
			[]string{"no verdict", "refused the credentials", "status 401", "Verdict: none"}},
		{"no file", join(asked, []string{"-client-id", "a", "-client-secret-file", missing}), []string{"no such file"}},
		{"the flags without the question", []string{"-issuer", issuer.URL(), "-audience", "a", "-client-id", "a"}, []string{"-introspect is missing"}},
		{"an endpoint that is not public", askArgs(t, issuer, "-introspect-url", "http://issuer.test/"), []string{"Introspection.URL"}},
		{"the issuer is down", askArgs(t, down), []string{"status 500", "no verdict"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { holds(t, row.args, issuer.Opaque(nil), unable, row.want) })
	}
	t.Setenv(secretVariable, jwttest.ClientSecret)
	args := join(asked, []string{"-client-id", jwttest.ClientID, "-introspect-url", issuer.IntrospectionURL()})
	holds(t, args, issuer.Opaque(nil), passed, []string{"ok  active"})
}
