package provider_test

import (
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/provider"
)

const (
	tenant      = "9c1d5b0e-3d5f-4c55-9b6e-0f5a2c1d7e11"
	otherTenant = "52a7f1c4-0b8e-4f0a-8a55-7c1f9d3e2b22"
	entraClient = "3f0a1c2d-1b2c-4d5e-8f90-a1b2c3d4e5f6"
)

func TestEntraID(t *testing.T) {
	issuer := "https://login.microsoftonline.com/" + tenant + "/v2.0"
	s := &site{Issuer: jwttest.NewIssuer(issuer), edit: without("alg"),
		keys: "https://login.microsoftonline.com/" + tenant + "/discovery/v2.0/keys"}
	access := object{"ver": "2.0", "aud": entraClient, "azp": "web", "azpacr": "1", "tid": tenant, "oid": "o1", "scp": "Orders.Read access_as_user",
		"roles": []string{"admin"}}
	try(t, s, []core.Config{provider.EntraID(strings.ToUpper(tenant), entraClient)}, []trial{
		{"access token", s.Token(access), "", []core.Requirement{core.Scope("Orders.Read"), core.Role("admin")}, []core.Requirement{core.Role("owner")}},
		{"of an app", s.Token(with(access, object{"scp": nil, "idtyp": "app"})), "", []core.Requirement{core.Role("admin")}, nil},
		{"ID token of the same app", s.Token(with(access, object{"azp": nil, "azpacr": nil, "scp": nil, "name": "Alice"})), core.ReasonUnacceptableClaim, nil, nil},
		{"another tenant", s.Token(with(access, object{"iss": strings.Replace(issuer, tenant, otherTenant, 1), "tid": otherTenant})), core.ReasonWrongIssuer, nil, nil},
		{"another tenant's tid", s.Token(with(access, object{"tid": otherTenant})), core.ReasonUnacceptableClaim, nil, nil},
		{"version 1", s.Token(with(access, object{"iss": "https://sts.windows.net/" + tenant + "/", "ver": "1.0"})), core.ReasonWrongIssuer, nil, nil},
		{"Microsoft Graph", s.Token(with(access, object{"aud": "00000003-0000-0000-c000-000000000000"})), core.ReasonWrongAudience, nil, nil},
		{"the template as issuer", s.Token(with(access, object{"iss": "https://login.microsoftonline.com/{tenantid}/v2.0"})), core.ReasonWrongIssuer, nil, nil},
		{"PS256 under a key without alg", s.Token(access, jwttest.Algorithm("PS256")), core.ReasonWrongAlgorithm, nil, nil},
	})
}

func TestEntraIDv1(t *testing.T) {
	issuer, api := "https://sts.windows.net/"+tenant+"/", "api://"+entraClient
	s := &site{Issuer: jwttest.NewIssuer(issuer), edit: without("alg"), keys: "https://login.microsoftonline.com/" + tenant + "/discovery/keys"}
	access := object{"ver": "1.0", "aud": api, "appid": "web", "tid": tenant, "scp": "Orders.Read", "roles": []string{"admin"}}
	try(t, s, []core.Config{provider.EntraIDv1(tenant, api)}, []trial{
		{"access token", s.Token(access), "", []core.Requirement{core.Scope("Orders.Read"), core.Role("admin")}, nil},
		{"the client ID as audience", s.Token(with(access, object{"aud": entraClient})), core.ReasonWrongAudience, nil, nil},
		{"issuer without the slash", s.Token(with(access, object{"iss": strings.TrimSuffix(issuer, "/")})), core.ReasonWrongIssuer, nil, nil},
		{"ID token", s.Token(with(access, object{"appid": nil})), core.ReasonUnacceptableClaim, nil, nil},
	})
}

func TestEntraIDTenants(t *testing.T) {
	prefix := "https://login.microsoftonline.com/"
	s := &site{Issuer: jwttest.NewIssuer(prefix + otherTenant + "/v2.0"), edit: without("alg"), keys: prefix + otherTenant + "/discovery/v2.0/keys"}
	access := object{"aud": entraClient, "azp": "web", "tid": otherTenant}
	stranger := "11111111-2222-3333-4444-555555555555"
	try(t, s, provider.EntraIDTenants([]string{tenant, otherTenant}, entraClient), []trial{
		{"the second tenant", s.Token(access), "", nil, nil},
		{"a tenant that is not listed", s.Token(with(access, object{"iss": prefix + stranger + "/v2.0", "tid": stranger})), core.ReasonWrongIssuer, nil, nil},
		{"tid of the first", s.Token(with(access, object{"tid": tenant})), core.ReasonUnacceptableClaim, nil, nil},
	})
}

func TestCognito(t *testing.T) {
	const issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123"
	s := &site{Issuer: jwttest.NewIssuer(issuer), metadata: issuer + "/.well-known/openid-configuration", keys: issuer + "/.well-known/jwks.json"}
	access := object{"aud": nil, "client_id": "7h3k", "token_use": "access", "scope": "orders/read", "cognito:groups": []string{"admin"}, "version": 2}
	try(t, s, []core.Config{provider.Cognito("eu-central-1_AbCdEf123", "7h3k", "8i4l")}, []trial{
		{"access token", s.Token(access, untyped), "", []core.Requirement{core.Scope("orders/read"), core.Role("admin")}, []core.Requirement{core.Role("owner")}},
		{"of the other client", s.Token(with(access, object{"client_id": "8i4l"}), untyped), "", nil, nil},
		{"of a client that is not listed", s.Token(with(access, object{"client_id": "evil"}), untyped), core.ReasonWrongClient, nil, nil},
		{"ID token", s.Token(object{"aud": "7h3k", "token_use": "id", "cognito:username": "alice"}, untyped), core.ReasonWrongAudience, nil, nil},
		{"ID token that names a client", s.Token(with(access, object{"token_use": "id"}), untyped), core.ReasonUnacceptableClaim, nil, nil},
		{"no token_use", s.Token(with(access, object{"token_use": nil}), untyped), core.ReasonUnacceptableClaim, nil, nil},
		{"another user pool", s.Token(with(access, object{"iss": strings.Replace(issuer, "AbC", "XyZ", 1)}), untyped), core.ReasonWrongIssuer, nil, nil},
	})
}

func TestCognitoInChina(t *testing.T) {
	if got, want := provider.Cognito("cn-north-1_AbC", "c").Issuer, "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbC"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSupabase(t *testing.T) {
	const issuer = "https://abcdefghijklmnopqrst.supabase.co/auth/v1"
	s := &site{Issuer: jwttest.NewIssuer(issuer), keys: issuer + "/.well-known/jwks.json"}
	access := object{"aud": "authenticated", "role": "authenticated", "session_id": "s1", "is_anonymous": false,
		"app_metadata": object{"provider": "email", "roles": []string{"admin"}, "permissions": []string{"read"}}, "user_metadata": object{"roles": []string{"owner"}}}
	legacy := jwttest.HMAC("HS256", []byte(strings.Repeat("s", 40)))
	es256 := jwttest.Algorithm("ES256")
	try(t, s, []core.Config{provider.Supabase("abcdefghijklmnopqrst")}, []trial{
		{"access token", s.Token(access, es256), "", []core.Requirement{core.Role("admin"), core.Permission("read"), core.ClaimIn([]string{"role"}, "authenticated")},
			[]core.Requirement{core.Role("owner"), core.Role("authenticated")}},
		{"RS256", s.Token(access), "", nil, nil},
		{"legacy HS256 user", s.Token(access, legacy), core.ReasonWrongAlgorithm, nil, nil},
		{"legacy anon key", s.Token(object{"iss": "supabase", "ref": "abcdefghijklmnopqrst", "role": "anon", "aud": nil}, legacy), core.ReasonWrongAlgorithm, nil, nil},
		{"legacy service_role key", s.Token(object{"iss": "supabase", "role": "service_role", "aud": nil}, legacy), core.ReasonWrongAlgorithm, nil, nil},
		{"not of a user", s.Token(with(access, object{"aud": "anon"}), es256), core.ReasonWrongAudience, nil, nil},
		{"another project", s.Token(with(access, object{"iss": "https://evil.supabase.co/auth/v1"}), es256), core.ReasonWrongIssuer, nil, nil},
	})
	if got, want := provider.Supabase("https://api.acme.com").Issuer, "https://api.acme.com/auth/v1"; got != want {
		t.Errorf("custom domain: got %q, want %q", got, want)
	}
}

func TestClerk(t *testing.T) {
	const issuer, page = "https://clerk.acme.com", "https://app.acme.com"
	s := &site{Issuer: jwttest.NewIssuer(issuer), metadata: issuer + "/.well-known/openid-configuration", keys: issuer + "/.well-known/jwks.json"}
	session := object{"aud": nil, "azp": page, "sid": "sess_1", "sub": "user_1", "v": 2, "sts": "active",
		"o": object{"id": "org_1", "rol": "admin", "per": "manage", "fpm": "1"}, "fea": "o:orders"}
	try(t, s, []core.Config{provider.Clerk("clerk.acme.com", page)}, []trial{
		{"session", s.Token(session), "", []core.Requirement{core.Role("admin")}, []core.Requirement{core.Role("member"), core.Permission("manage")}},
		{"another page", s.Token(with(session, object{"azp": "https://evil.test"})), core.ReasonWrongClient, nil, nil},
		{"no page", s.Token(with(session, object{"azp": nil})), core.ReasonWrongClient, nil, nil},
		{"JWT template", s.Token(with(session, object{"sid": nil})), core.ReasonUnacceptableClaim, nil, nil},
		{"another instance", s.Token(with(session, object{"iss": "https://evil.clerk.accounts.dev"})), core.ReasonWrongIssuer, nil, nil},
	})
}
