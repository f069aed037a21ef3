package provider

import "github.com/jwtmw/jwtmw/core"

// Auth0 trusts an Auth0 tenant, by its domain or custom domain. The audiences
// are API identifiers, as they stand under Applications / APIs.
//
//	jwtmw.Gin(provider.Auth0("acme.eu.auth0.com", "https://api.acme.com"))
//
// The client must ask for the audience, or it gets an opaque token. Tokens that
// were issued under the tenant's own domain are not valid under a custom one.
// An ID token is refused, since its audience is the client.
//
// Permission reads "permissions", which the API sends once RBAC and "Add
// Permissions in the Access Token" are on. Roles are sent only by an Action of
// your own, under a name of your own: set Config.RolesAt to it, such as
// {"https://acme.com/roles"}. Where the API's token profile is RFC 9068, set
// Config.Profile to core.ProfileRFC9068.
func Auth0(domain string, audiences ...string) core.Config {
	a := arguments{function: "Auth0"}
	return core.Config{
		Issuer:     "https://" + a.host("domain", domain) + "/", // with the slash
		Algorithms: []core.Algorithm{core.RS256},
		Audiences:  audiences,
		Err:        a.err(),
	}
}
