package provider

import (
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// SuperTokens trusts the sessions of a SuperTokens backend, by its API domain, with
// the default base path "/auth".
//
//	jwtmw.Gin(provider.SuperTokens("https://api.acme.com", "https://api.acme.com"))
//
// Session tokens name no audience and no client of their own. Give them one where
// sessions are made: override createNewSession so that accessTokenPayload has
// "aud". Where the token comes as a cookie, give the Guard
// core.FromCookie("sAccessToken"), which checks the origin too.
//
// Role reads "st-role.v" and Permission "st-perm.v", of the UserRoles recipe.
func SuperTokens(api string, audiences ...string) core.Config {
	a := arguments{function: "SuperTokens"}
	issuer := strings.TrimSuffix(a.base("api", api), "/auth") + "/auth"
	return core.Config{
		Issuer:        issuer,
		Keys:          core.JWKS{URL: issuer + "/jwt/jwks.json"},
		Algorithms:    []core.Algorithm{core.RS256},
		Audiences:     audiences,
		RolesAt:       []string{"st-role", "v"},
		PermissionsAt: []string{"st-perm", "v"},
		Err:           a.err(),
	}
}
