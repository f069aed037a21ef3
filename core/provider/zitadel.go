package provider

import "github.com/jwtmw/jwtmw/core"

// Zitadel trusts a ZITADEL instance, by its URL or host. The audiences are project
// IDs, or client IDs.
//
//	jwtmw.Gin(provider.Zitadel("acme-x1y2z3.zitadel.cloud", "274869432018370561"))
//
// An application gets JWTs only if its access token type says so; they are opaque
// otherwise. The client must ask for the scope
// "urn:zitadel:iam:org:project:id:274869432018370561:aud" to have the project as
// audience.
//
// Role reads "urn:zitadel:iam:org:project:roles", an object whose members are the
// roles. It is sent if the project asserts roles on authentication.
func Zitadel(instance string, audiences ...string) core.Config {
	a := arguments{function: "Zitadel"}
	return core.Config{
		Issuer:     a.base("instance", instance),
		Algorithms: []core.Algorithm{core.RS256},
		Audiences:  audiences,
		RolesAt:    []string{"urn:zitadel:iam:org:project:roles"},
		Err:        a.err(),
	}
}
