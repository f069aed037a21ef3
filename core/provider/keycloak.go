package provider

import (
	"net/url"
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// Keycloak trusts a realm of a Keycloak server. The base is the server's URL as
// clients see it, since the issuer follows the hostname that they use; a server
// older than version 17 has "/auth" at its end.
//
//	jwtmw.Gin(provider.Keycloak("https://sso.acme.com", "staff", "orders-api"))
//
// Tokens name your API as audience only once a client scope has an audience
// mapper for it; until then they say "account" or nothing. Where you cannot add
// one, pass what they say, "account" or nothing, and set Config.Clients to the
// clients that may call this API. Where this service reaches
// Keycloak under another address than clients do, set Config.Keys to the
// core.JWKS of that address.
//
// Role reads the realm's roles, "realm_access.roles". Permission reads the
// roles of the client that is the first audience, "resource_access.orders-api.roles".
// ID, refresh and logout tokens are refused by the payload's "typ". For a realm
// that signs with ES256, PS256 or EdDSA set Config.Algorithms.
//
// Lightweight access tokens ("Always use lightweight access token" of a client, or
// the executor use-lightweight-access-token of a client policy) are signed JWTs, and
// verified as such. They lack what the protocol mappers add, "aud", "sub" and roles
// included. Keycloak's introspection would add it, and is not asked:
// [core.Introspection] sends nothing that looks like a JWT to anybody. Turn on "Add to
// lightweight access token" in the mappers that this service needs: audience, subject
// ("sub" of the client scope basic), realm roles and client roles. Until then the
// audience is wrong, and Role and Permission refuse; the logged cause names the claim
// that they read.
func Keycloak(base, realm string, audiences ...string) core.Config {
	a := arguments{function: "Keycloak"}
	if realm == "" || strings.Contains(realm, "/") {
		a.wrong("realm", realm, "the name of a realm")
	}
	issuer := a.base("base", base) + "/realms/" + url.PathEscape(realm)
	config := core.Config{
		Issuer: issuer,
		// Not Discovery: behind a proxy its jwks_uri may be an address that
		// only clients reach.
		Keys:          core.JWKS{URL: issuer + "/protocol/openid-connect/certs"},
		Algorithms:    []core.Algorithm{core.RS256},
		Audiences:     audiences,
		RequireClaims: []core.Requirement{core.ClaimIn([]string{"typ"}, "Bearer")},
		RolesAt:       []string{"realm_access", "roles"},
		Err:           a.err(),
	}
	if len(audiences) > 0 && audiences[0] != "" {
		config.PermissionsAt = []string{"resource_access", audiences[0], "roles"}
	}
	return config
}
