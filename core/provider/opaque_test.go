package provider_test

import (
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/provider"
)

func basic(pair string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

func TestZitadelOpaque(t *testing.T) {
	const issuer, project = "https://acme-x1y2z3.zitadel.cloud", "274869432018370561"
	now := time.Now()
	access := object{"active": true, "scope": "openid profile", "client_id": "274869@shop", "token_type": "Bearer", "username": "alice@acme.com",
		"exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "nbf": now.Unix(), "sub": "274870", "iss": issuer, "jti": "V2_1-at_2",
		"aud": []string{"274869@shop", project}, "urn:zitadel:iam:org:project:roles": object{"admin": object{"27486": "acme.zitadel.cloud"}}}
	s := &site{Issuer: jwttest.NewIssuer(issuer), introspection: issuer + "/oauth/v2/introspect", authorization: basic("274871%40shop:s%2Fe"),
		answers: map[string]object{
			"good": access, "other-project": with(access, object{"aud": []string{"274869@shop"}}), "no-aud": {"active": true, "iss": issuer},
			"ended": with(access, object{"exp": now.Add(-time.Hour).Unix()}), "other-instance": with(access, object{"iss": "https://evil.zitadel.cloud"}),
			"unasserted": {"active": true, "aud": project},
		}}
	admin := []core.Requirement{core.Role("admin")}
	try(t, s, []core.Config{provider.ZitadelOpaque("acme-x1y2z3.zitadel.cloud", "274871@shop", core.Secret("s/e"), project)}, []trial{
		{"access token", "good", "", []core.Requirement{core.Role("admin"), core.Scope("profile")}, []core.Requirement{core.Role("27486")}},
		{"roles not asserted", "unasserted", "", nil, admin},
		{"unknown, revoked, or for a project that this client is not of", "unknown", core.ReasonInactive, nil, nil},
		{"another project", "other-project", core.ReasonWrongAudience, nil, nil},
		{"no audience", "no-aud", core.ReasonWrongAudience, nil, nil},
		{"expired", "ended", core.ReasonExpired, nil, nil},
		{"another instance", "other-instance", core.ReasonWrongIssuer, nil, nil},
		{"JWT", s.Token(object{"aud": project}), core.ReasonWrongAlgorithm, nil, nil},
	})
	try(t, s, []core.Config{provider.ZitadelOpaque("acme-x1y2z3.zitadel.cloud", "274871@shop", core.Secret("wrong"), project)}, []trial{
		{"our own secret is wrong", "good", core.ReasonIntrospectionUnavailable, nil, nil},
	})
}

// oryAnswers are what Hydra says of tokens, which all are of the Config's kind.
func oryAnswers(issuer, api string) map[string]object {
	now := time.Now()
	access := object{"active": true, "scope": "orders:read", "client_id": "c1", "sub": "alice", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix(),
		"nbf": now.Unix(), "aud": []string{api}, "iss": issuer, "token_type": "Bearer", "token_use": "access_token", "ext": object{"roles": []string{"admin"}}}
	return map[string]object{
		"ory_at_8Kqcp3.kQ": access,
		"ory_at_empty.a":   with(access, object{"aud": []string{}}),
		"ory_at_other.a":   with(access, object{"aud": []string{"https://other.acme.com"}}),
		"ory_at_client.a":  with(access, object{"aud": []string{}, "client_id": "c2"}),
		"ory_rt_8Kqcp3.kQ": with(access, object{"token_use": "refresh_token"}),
	}
}

func TestOryOpaque(t *testing.T) {
	const issuer, api = "https://happy-poitras-x1y2z3.projects.oryapis.com", "https://api.acme.com"
	s := &site{Issuer: jwttest.NewIssuer(issuer), introspection: issuer + "/admin/oauth2/introspect", authorization: "Bearer ory_pat_1",
		answers: oryAnswers(issuer, api)}
	// The key travels by a transport of the provider's, which ends in this one.
	usual := http.DefaultTransport
	http.DefaultTransport = s
	t.Cleanup(func() { http.DefaultTransport = usual })
	try(t, s, []core.Config{provider.OryOpaque("happy-poitras-x1y2z3", core.Secret("ory_pat_1"), api)}, []trial{
		{"access token", "ory_at_8Kqcp3.kQ", "", []core.Requirement{core.Scope("orders:read"), core.Role("admin")}, []core.Requirement{core.Permission("admin")}},
		{"empty audience", "ory_at_empty.a", core.ReasonWrongAudience, nil, nil},
		{"another audience", "ory_at_other.a", core.ReasonWrongAudience, nil, nil},
		{"refresh token", "ory_rt_8Kqcp3.kQ", core.ReasonWrongType, nil, nil},
		{"unknown or revoked", "ory_at_unknown.a", core.ReasonInactive, nil, nil},
	})
	try(t, s, []core.Config{provider.OryOpaque("happy-poitras-x1y2z3", core.Secret("ory_pat_2"), api)}, []trial{
		{"another API key", "ory_at_8Kqcp3.kQ", core.ReasonIntrospectionUnavailable, nil, nil},
	})
}

// The API key goes to its project, and to no other host, whatever Config.Keys was made to ask.
func TestOryOpaqueSendsItsKeyToNobodyElse(t *testing.T) {
	s := &site{Issuer: jwttest.NewIssuer(""), asked: func(r *http.Request) { t.Errorf("got a request to %q, want none", r.URL) }}
	usual := http.DefaultTransport
	http.DefaultTransport = s
	t.Cleanup(func() { http.DefaultTransport = usual })
	config := provider.OryOpaque("x1", core.Secret("ory_pat_1"), "a")
	config.Logger = slog.New(slog.DiscardHandler)
	for _, url := range []string{"https://x1.projects.oryapis.com.evil.test/", "https://x1.projects.oryapis.com:8443/", "http://127.0.0.1:1/"} {
		asked := config.Keys.(core.Introspection)
		asked.URL = url
		config.Keys = asked
		v, err := core.New(config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(t.Context(), "ory_at_a.a"); reasonOf(err) != core.ReasonIntrospectionUnavailable {
			t.Errorf("%s: got %v, want a refusal", url, err)
		}
	}
}

func TestHydraOpaque(t *testing.T) {
	const issuer, api = "https://hydra.acme.com/", "https://api.acme.com"
	s := &site{Issuer: jwttest.NewIssuer(issuer), introspection: "https://hydra-admin.internal:4445/admin/oauth2/introspect", authorization: basic("jwtmw:none"),
		answers: oryAnswers(issuer, api)}
	try(t, s, []core.Config{provider.HydraOpaque(issuer, "https://hydra-admin.internal:4445", api)}, []trial{
		{"access token", "ory_at_8Kqcp3.kQ", "", []core.Requirement{core.Scope("orders:read"), core.Role("admin")}, nil},
		{"empty audience", "ory_at_empty.a", core.ReasonWrongAudience, nil, nil},
		{"refresh token", "ory_rt_8Kqcp3.kQ", core.ReasonWrongType, nil, nil},
	})
	config := provider.HydraOpaque(issuer, "https://hydra-admin.internal:4445")
	config.Clients = []string{"c1"}
	try(t, s, []core.Config{config}, []trial{
		{"no audience, by client", "ory_at_empty.a", "", nil, nil},
		{"no audience, another client", "ory_at_client.a", core.ReasonWrongClient, nil, nil},
		{"an audience where none was named", "ory_at_8Kqcp3.kQ", core.ReasonWrongAudience, nil, nil},
	})
}

// Okta's own server hands out JWTs that nobody may verify, and that are sent nowhere.
func TestOktaOrgServerIsNotAsked(t *testing.T) {
	const issuer = "https://acme.okta.com"
	var asked []string
	s := &site{Issuer: jwttest.NewIssuer(issuer), introspection: issuer + "/oauth2/v1/introspect", authorization: basic("0oa1:s"),
		asked: func(r *http.Request) { asked = append(asked, r.URL.String()) }}
	config := core.Config{Issuer: issuer, Audiences: []string{issuer}, Keys: core.Introspection{URL: s.introspection, ClientID: "0oa1", Secret: core.Secret("s")}}
	try(t, s, []core.Config{config}, []trial{
		{"access token", s.Token(object{"aud": issuer, "cid": "0oa1"}, jwttest.Type("application/okta-internal-at+jwt")), core.ReasonWrongAlgorithm, nil, nil},
		{"as it was before", s.Token(object{"aud": issuer, "cid": "0oa1"}), core.ReasonWrongAlgorithm, nil, nil},
	})
	if len(asked) > 0 {
		t.Errorf("got requests to %s, want none", strings.Join(asked, ", "))
	}
}
