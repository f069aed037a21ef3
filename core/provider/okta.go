package provider

import "github.com/jwtmw/jwtmw/core"

// Okta trusts a custom authorization server of an Okta organisation: "default",
// or the ID that stands in its issuer URL. The audience is the one configured
// there.
//
//	jwtmw.Gin(provider.Okta("acme.okta.com", "default", "api://default"))
//
// The tokens of the organisation's own server, whose issuer has no path, are
// meant for Okta alone: Okta says not to verify them and not to authorize by them,
// and "aud" is Okta itself. They look like JWTs, and [core.Introspection] sends nothing
// that looks like one to anybody, so asking Okta about them is no way either. Create a
// custom authorization server.
//
// Scopes come as an array in "scp". Role reads "groups", which the
// authorization server sends once it has a groups claim.
func Okta(domain, server string, audiences ...string) core.Config {
	a := arguments{function: "Okta"}
	return core.Config{
		Issuer:     "https://" + a.host("domain", domain) + "/oauth2/" + a.label("server", server, "default"),
		Algorithms: []core.Algorithm{core.RS256},
		Audiences:  audiences,
		RolesAt:    []string{"groups"},
		Err:        a.err(),
	}
}
