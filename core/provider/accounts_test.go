package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/provider"
)

func TestAuth0(t *testing.T) {
	const issuer, api = "https://acme.eu.auth0.com/", "https://api.acme.com"
	s := &site{Issuer: jwttest.NewIssuer(issuer), metadata: issuer + ".well-known/openid-configuration", keys: issuer + ".well-known/jwks.json"}
	access := object{"sub": "auth0|5f7c8ec7", "aud": []string{api, issuer + "userinfo"}, "azp": "my_client",
		"scope": "openid profile read:orders", "permissions": []string{"read:orders"}, "https://acme.com/roles": []string{"admin"}}
	config := provider.Auth0("acme.eu.auth0.com", api)
	config.RolesAt = []string{"https://acme.com/roles"}
	try(t, s, []core.Config{config}, []trial{
		{"access token", s.Token(access), "", []core.Requirement{core.Scope("read:orders"), core.Permission("read:orders"), core.Role("admin")},
			[]core.Requirement{core.Permission("write:orders")}},
		{"of one audience", s.Token(with(access, object{"aud": api})), "", nil, nil},
		{"of the RFC 9068 profile", s.Token(with(access, object{"azp": nil, "client_id": "my_client", "jti": "1"}), jwttest.Type("at+jwt")), "", nil, nil},
		{"ID token", s.Token(object{"aud": "my_client", "nonce": "n", "sid": "s"}), core.ReasonWrongAudience, nil, nil},
		{"no audience asked for", s.Token(with(access, object{"aud": issuer + "userinfo"})), core.ReasonWrongAudience, nil, nil},
		{"another tenant", s.Token(with(access, object{"iss": "https://evil.eu.auth0.com/"})), core.ReasonWrongIssuer, nil, nil},
		{"issuer without the slash", s.Token(with(access, object{"iss": strings.TrimSuffix(issuer, "/")})), core.ReasonWrongIssuer, nil, nil},
		{"HS256 application", s.Token(access, jwttest.HMAC("HS256", s.PublicKeyPEM("RS256"))), core.ReasonWrongAlgorithm, nil, nil},
	})
}

func TestOkta(t *testing.T) {
	const issuer = "https://acme.okta.com/oauth2/default"
	s := &site{Issuer: jwttest.NewIssuer(issuer), metadata: issuer + "/.well-known/openid-configuration", keys: issuer + "/v1/keys"}
	access := object{"ver": 1, "jti": "AT.1", "aud": "api://default", "cid": "0oa1", "uid": "00u1", "sub": "alice@acme.com",
		"scp": []string{"openid", "orders.read"}, "groups": []string{"Everyone", "admin"}}
	try(t, s, []core.Config{provider.Okta("https://acme.okta.com/", "default", "api://default")}, []trial{
		{"access token", s.Token(access, untyped), "", []core.Requirement{core.Scope("orders.read"), core.Role("admin")}, []core.Requirement{core.Role("owner")}},
		{"ID token", s.Token(object{"ver": 1, "aud": "0oa1", "idp": "00o1", "amr": []string{"pwd"}}, untyped), core.ReasonWrongAudience, nil, nil},
		{"another authorization server", s.Token(with(access, object{"iss": "https://acme.okta.com/oauth2/aus1"}), untyped), core.ReasonWrongIssuer, nil, nil},
		{"the organisation's own server", s.Token(with(access, object{"iss": "https://acme.okta.com", "aud": "https://acme.okta.com"}), untyped), core.ReasonWrongIssuer, nil, nil},
		{"another audience", s.Token(with(access, object{"aud": "api://other"}), untyped), core.ReasonWrongAudience, nil, nil},
	})
}

func TestGoogle(t *testing.T) {
	const client = "123-abc.apps.googleusercontent.com"
	s := &site{Issuer: jwttest.NewIssuer("https://accounts.google.com"), keys: "https://www.googleapis.com/oauth2/v3/certs"}
	id := object{"azp": "123-android.apps.googleusercontent.com", "aud": client, "sub": "110169484474386276334", "hd": "acme.com",
		"email": "alice@acme.com", "email_verified": true, "at_hash": "x", "nonce": "n"}
	try(t, s, provider.Google(client), []trial{
		{"ID token", s.Token(id), "", []core.Requirement{core.ClaimIn([]string{"hd"}, "acme.com")}, []core.Requirement{core.Role("admin")}},
		{"the issuer's other spelling", s.Token(with(id, object{"iss": "accounts.google.com"})), "", nil, nil},
		{"another client", s.Token(with(id, object{"aud": "999-evil.apps.googleusercontent.com"})), core.ReasonWrongAudience, nil, nil},
		{"neither spelling", s.Token(with(id, object{"iss": "http://accounts.google.com"})), core.ReasonWrongIssuer, nil, nil},
		{"Firebase", s.Token(with(id, object{"iss": "https://securetoken.google.com/acme"})), core.ReasonWrongIssuer, nil, nil},
	})
}

func TestFirebase(t *testing.T) {
	s := &site{Issuer: jwttest.NewIssuer("https://securetoken.google.com/acme-prod"),
		keys: "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"}
	now := time.Now()
	id := object{"aud": "acme-prod", "auth_time": now.Add(-time.Hour), "user_id": "u1", "sub": "u1", "roles": []string{"admin"},
		"firebase": object{"identities": object{}, "sign_in_provider": "password"}}
	try(t, s, []core.Config{provider.Firebase("acme-prod")}, []trial{
		{"ID token", s.Token(id), "", []core.Requirement{core.Role("admin"), core.ClaimIn([]string{"firebase", "sign_in_provider"}, "password")}, nil},
		{"just signed in", s.Token(with(id, object{"auth_time": now})), "", nil, nil},
		{"another project", s.Token(with(id, object{"aud": "evil"})), core.ReasonWrongAudience, nil, nil},
		{"another project's issuer", s.Token(with(id, object{"iss": "https://securetoken.google.com/evil"})), core.ReasonWrongIssuer, nil, nil},
		{"empty sub", s.Token(with(id, object{"sub": ""})), core.ReasonMissingClaim, nil, nil},
		{"no sub", s.Token(with(id, object{"sub": nil})), core.ReasonMissingClaim, nil, nil},
		{"no iat", s.Token(with(id, object{"iat": nil})), core.ReasonMissingClaim, nil, nil},
		{"auth_time to come", s.Token(with(id, object{"auth_time": now.Add(time.Hour)})), core.ReasonUnacceptableClaim, nil, nil},
		{"no auth_time", s.Token(with(id, object{"auth_time": nil})), core.ReasonUnacceptableClaim, nil, nil},
		{"no typ", s.Token(id, untyped), "", nil, nil},
		{"access token", s.Token(id, jwttest.Type("at+jwt")), core.ReasonWrongType, nil, nil},
		{"session cookie", s.Token(with(id, object{"iss": "https://session.firebase.google.com/acme-prod"})), core.ReasonWrongIssuer, nil, nil},
	})
}
