package provider_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/provider"
)

func TestKeycloak(t *testing.T) {
	const issuer = "https://sso.acme.com/realms/staff"
	s := &site{Issuer: jwttest.NewIssuer(issuer), keys: issuer + "/protocol/openid-connect/certs"}
	s.Publish(encryptionKey(t))
	access := object{"typ": "Bearer", "azp": "web", "aud": []string{"orders-api", "account"}, "scope": "openid orders",
		"realm_access":    object{"roles": []string{"admin", "offline_access"}},
		"resource_access": object{"orders-api": object{"roles": []string{"refund"}}, "account": object{"roles": []string{"view-profile"}}}}
	try(t, s, []core.Config{provider.Keycloak("https://sso.acme.com/", "staff", "orders-api")}, []trial{
		{"access token", s.Token(access), "", []core.Requirement{core.Scope("orders"), core.Role("admin"), core.Permission("refund"),
			core.ClaimIn([]string{"resource_access", "account", "roles"}, "view-profile")}, []core.Requirement{core.Permission("view-profile")}},
		{"with the header type of RFC 9068", s.Token(access, jwttest.Type("at+jwt")), "", nil, nil},
		{"no audience mapper", s.Token(with(access, object{"aud": "account"})), core.ReasonWrongAudience, nil, nil},
		{"no audience at all", s.Token(with(access, object{"aud": nil})), core.ReasonWrongAudience, nil, nil},
		{"ID token of the API's own client", s.Token(with(access, object{"typ": "ID", "aud": "orders-api"})), core.ReasonUnacceptableClaim, nil, nil},
		{"refresh token", s.Token(with(access, object{"typ": "Refresh"}), jwttest.HMAC("HS512", make([]byte, 64))), core.ReasonWrongAlgorithm, nil, nil},
		{"logout token", s.Token(with(access, object{"typ": "Logout"})), core.ReasonUnacceptableClaim, nil, nil},
		{"another realm", s.Token(with(access, object{"iss": "https://sso.acme.com/realms/master"})), core.ReasonWrongIssuer, nil, nil},
		{"the address inside the network", s.Token(with(access, object{"iss": "http://keycloak:8080/realms/staff"})), core.ReasonWrongIssuer, nil, nil},
		{"the encryption key's kid", s.Token(access, jwttest.KeyID("enc")), core.ReasonUnknownKey, nil, nil},
	})
}

// A lightweight token is a JWT without what the mappers add.
func TestKeycloakLightweight(t *testing.T) {
	const issuer = "https://sso.acme.com/realms/staff"
	s := &site{Issuer: jwttest.NewIssuer(issuer), keys: issuer + "/protocol/openid-connect/certs"}
	light := object{"typ": "Bearer", "azp": "web", "sid": "9c5b", "jti": "trrtcc:1", "scope": "openid orders", "aud": nil, "sub": nil}
	mapped := with(light, object{"aud": "orders-api"}) // by the audience mapper
	config := provider.Keycloak("https://sso.acme.com", "staff", "orders-api")
	roles := []core.Requirement{core.Role("admin"), core.Permission("refund")}
	try(t, s, []core.Config{config}, []trial{
		{"no mapper", s.Token(light), core.ReasonWrongAudience, nil, nil},
		{"audience mapped", s.Token(mapped), "", []core.Requirement{core.Scope("orders")}, roles},
		{"roles mapped", s.Token(with(mapped, object{"realm_access": object{"roles": []string{"admin"}},
			"resource_access": object{"orders-api": object{"roles": []string{"refund"}}}})), "", roles, nil},
	})
	config.Keys = through(t, config.Keys, s)
	v, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := v.Verify(t.Context(), s.Token(mapped))
	if err != nil {
		t.Fatal(err)
	}
	for want, missing := range map[string]core.Requirement{"realm_access/roles": roles[0], "resource_access/orders-api/roles": roles[1]} {
		err := core.RefusalOf(core.Require(core.NewContext(t.Context(), claims), missing))
		if err == nil || err.Status != 403 || !strings.Contains(errors.Unwrap(err).Error(), want) {
			t.Errorf("got %v because of %v, want 403 and a cause that names %s", err, errors.Unwrap(err), want)
		}
	}
}

// encryptionKey is the RSA-OAEP key beside the one that signs.
func encryptionKey(t *testing.T) json.RawMessage {
	t.Helper()
	var jwk map[string]any
	if err := json.Unmarshal(jwttest.NewIssuer("").PublicJWK("RS256"), &jwk); err != nil {
		t.Fatal(err)
	}
	jwk["kid"], jwk["use"], jwk["alg"] = "enc", "enc", "RSA-OAEP"
	text, err := json.Marshal(jwk)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestKeycloakWithoutAudience(t *testing.T) {
	const issuer = "http://localhost:8080/auth/realms/my%20staff"
	s := &site{Issuer: jwttest.NewIssuer(issuer), keys: issuer + "/protocol/openid-connect/certs"}
	config := provider.Keycloak("http://localhost:8080/auth", "my staff")
	config.Clients = []string{"web"}
	access := object{"typ": "Bearer", "azp": "web", "aud": nil}
	try(t, s, []core.Config{config}, []trial{
		{"access token", s.Token(access), "", nil, nil},
		{"another client", s.Token(with(access, object{"azp": "evil"})), core.ReasonWrongClient, nil, nil},
		{"an audience", s.Token(with(access, object{"aud": "account"})), core.ReasonWrongAudience, nil, nil},
	})
	config = provider.Keycloak("http://localhost:8080/auth", "my staff", "account")
	config.Clients = []string{"web"}
	try(t, s, []core.Config{config}, []trial{
		{"of users who have an account", s.Token(with(access, object{"aud": "account"})), "", nil, nil},
		{"of users who have an account, another client", s.Token(with(access, object{"aud": "account", "azp": "evil"})), core.ReasonWrongClient, nil, nil},
	})
}

func TestZitadel(t *testing.T) {
	const issuer, project = "https://acme-x1y2z3.zitadel.cloud", "274869432018370561"
	s := &site{Issuer: jwttest.NewIssuer(issuer), metadata: issuer + "/.well-known/openid-configuration", keys: issuer + "/oauth/v2/keys"}
	access := object{"aud": []string{"274869@shop", project}, "client_id": "274869@shop", "jti": "1",
		"urn:zitadel:iam:org:project:roles": object{"admin": object{"27486": "acme.zitadel.cloud"}}}
	try(t, s, []core.Config{provider.Zitadel("acme-x1y2z3.zitadel.cloud", project)}, []trial{
		{"access token", s.Token(access), "", []core.Requirement{core.Role("admin")}, []core.Requirement{core.Role("27486")}},
		{"roles not asserted", s.Token(with(access, object{"urn:zitadel:iam:org:project:roles": nil})), "", nil, []core.Requirement{core.Role("admin")}},
		{"another project", s.Token(with(access, object{"aud": []string{"274869@shop"}})), core.ReasonWrongAudience, nil, nil},
		{"another instance", s.Token(with(access, object{"iss": "https://evil.zitadel.cloud"})), core.ReasonWrongIssuer, nil, nil},
		{"opaque", "rQ7rRzUnEkvlYjm9nEdVGbSEhCr9ox", core.ReasonMalformedToken, nil, nil},
	})
}

func TestOry(t *testing.T) {
	const issuer, api = "https://happy-poitras-x1y2z3.projects.oryapis.com", "https://api.acme.com"
	s := &site{Issuer: jwttest.NewIssuer(issuer), metadata: issuer + "/.well-known/openid-configuration", keys: issuer + "/.well-known/jwks.json"}
	access := object{"aud": []string{api}, "client_id": "c1", "jti": "1", "scp": []string{"orders:read"}, "ext": object{"roles": []string{"admin"}}}
	try(t, s, []core.Config{provider.Ory("happy-poitras-x1y2z3", api)}, []trial{
		{"access token", s.Token(access), "", []core.Requirement{core.Scope("orders:read"), core.Role("admin")}, []core.Requirement{core.Permission("admin")}},
		{"scope as a string", s.Token(with(access, object{"scp": nil, "scope": "orders:read"})), "", []core.Requirement{core.Scope("orders:read")}, nil},
		{"empty audience", s.Token(with(access, object{"aud": []string{}})), core.ReasonWrongAudience, nil, nil},
		{"ID token", s.Token(with(access, object{"aud": []string{"c1"}})), core.ReasonWrongAudience, nil, nil},
		{"opaque", "ory_at_8Kqcp3.kQ", core.ReasonMalformedToken, nil, nil},
	})
}

// A Hydra of one's own has the issuer that its metadata spell.
func TestOryHydra(t *testing.T) {
	const issuer = "https://hydra.acme.com/"
	s := &site{Issuer: jwttest.NewIssuer(issuer), metadata: issuer + ".well-known/openid-configuration", keys: issuer + ".well-known/jwks.json"}
	config := provider.Ory(issuer)
	config.Clients = []string{"c1"}
	try(t, s, []core.Config{config}, []trial{
		{"empty audience", s.Token(object{"aud": []string{}, "client_id": "c1"}), "", nil, nil},
		{"another client", s.Token(object{"aud": []string{}, "client_id": "c2"}), core.ReasonWrongClient, nil, nil},
	})
}

func TestSuperTokens(t *testing.T) {
	const issuer = "https://api.acme.com/auth"
	s := &site{Issuer: jwttest.NewIssuer(issuer), keys: issuer + "/jwt/jwks.json"}
	session := object{"sub": "fa7a0841", "tId": "public", "sessionHandle": "h", "refreshTokenHash1": "r", "antiCsrfToken": nil, "aud": "https://api.acme.com",
		"st-role": object{"v": []string{"admin"}, "t": 1700000000000}, "st-perm": object{"v": []string{"read"}, "t": 1700000000000}}
	try(t, s, []core.Config{provider.SuperTokens("https://api.acme.com", "https://api.acme.com")}, []trial{
		{"session", s.Token(session, jwttest.Header(map[string]any{"version": "5"})), "", []core.Requirement{core.Role("admin"), core.Permission("read")}, []core.Requirement{core.Role("v")}},
		{"no audience given to it", s.Token(with(session, object{"aud": nil})), core.ReasonWrongAudience, nil, nil},
		{"another app", s.Token(with(session, object{"iss": "https://evil.test/auth"})), core.ReasonWrongIssuer, nil, nil},
	})
}

func TestFusionAuth(t *testing.T) {
	const application = "85a03867-dccf-4882-adde-1a79aeec50df"
	s := &site{Issuer: jwttest.NewIssuer("acme.com"), keys: "https://auth.acme.com/.well-known/jwks.json"}
	access := object{"aud": application, "applicationId": application, "authenticationType": "PASSWORD", "tid": "t1", "roles": []string{"admin"}}
	try(t, s, []core.Config{provider.FusionAuth("https://auth.acme.com", "acme.com", application)}, []trial{
		{"access token", s.Token(access), "", []core.Requirement{core.Role("admin")}, []core.Requirement{core.Role("owner")}},
		{"ES256", s.Token(access, jwttest.Algorithm("ES256")), "", nil, nil},
		{"HS256, the default", s.Token(access, jwttest.HMAC("HS256", make([]byte, 32))), core.ReasonWrongAlgorithm, nil, nil},
		{"another application", s.Token(with(access, object{"aud": "a2"})), core.ReasonWrongAudience, nil, nil},
		{"ID token", s.Token(with(access, object{"nonce": "n", "at_hash": "h"})), core.ReasonWrongType, nil, nil},
		{"issuer as a URL", s.Token(with(access, object{"iss": "https://acme.com"})), core.ReasonWrongIssuer, nil, nil},
	})
}
