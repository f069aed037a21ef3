package provider

import "github.com/jwtmw/jwtmw/core"

// Zitadel trusts a ZITADEL instance, by its URL or host. The audiences are project
// IDs, or client IDs.
//
//	jwtmw.Gin(provider.Zitadel("acme-x1y2z3.zitadel.cloud", "274869432018370561"))
//
// An application gets JWTs only if its access token type says so; they are opaque
// otherwise, and for [ZitadelOpaque]. The client must ask for the scope
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

// ZitadelOpaque trusts the opaque access tokens of a ZITADEL instance, which is asked
// about each: those of applications whose access token type is Bearer, and personal
// access tokens. The client is an application of the type API with the authentication
// method Basic; it may ask about the tokens whose audience has its project.
//
//	jwtmw.Gin(provider.ZitadelOpaque("acme-x1y2z3.zitadel.cloud", "274869432018370562@shop", secret, "274869432018370561"))
//
// ZITADEL says of a token for another project no more than that it is not active.
// Private Key JWT cannot be used, because ZITADEL wants the ID of its key in the
// assertion's header. Audiences, scopes and roles are as with [Zitadel].
func ZitadelOpaque(instance, clientID string, secret core.Secret, audiences ...string) core.Config {
	a := arguments{function: "ZitadelOpaque"}
	config := Zitadel(instance, audiences...)
	config.Issuer, config.Err = a.base("instance", instance), a.err()
	return opaque(config, core.Introspection{URL: config.Issuer + "/oauth/v2/introspect", ClientID: clientID, Secret: secret})
}
