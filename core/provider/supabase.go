package provider

import (
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// Supabase trusts the users of a Supabase project, by its reference ID or its
// custom domain.
//
//	jwtmw.Gin(provider.Supabase("abcdefghijklmnopqrst"))
//
// The project must sign with an asymmetric key (JWT signing keys in the
// dashboard). The legacy secret and the anon and service_role keys that it signed
// are HS256 and refused.
//
// Role reads "app_metadata.roles" and Permission "app_metadata.permissions",
// which only the service can write; user_metadata is the user's own. The claim
// "role" is the one of PostgreSQL: core.ClaimIn([]string{"role"}, "authenticated").
// Anonymous users are users: require "is_anonymous" to be false to refuse them.
func Supabase(project string) core.Config {
	a := arguments{function: "Supabase"}
	host := project
	if label.MatchString(project) {
		host = strings.ToLower(project) + ".supabase.co"
	}
	issuer := "https://" + a.host("project", host) + "/auth/v1"
	return core.Config{
		Issuer:        issuer,
		Keys:          core.JWKS{URL: issuer + "/.well-known/jwks.json"},
		Algorithms:    []core.Algorithm{core.ES256, core.RS256},
		Audiences:     []string{"authenticated"},
		RolesAt:       []string{"app_metadata", "roles"},
		PermissionsAt: []string{"app_metadata", "permissions"},
		Err:           a.err(),
	}
}
