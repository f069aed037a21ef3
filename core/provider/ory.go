package provider

import (
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// Ory trusts an Ory Network project, by its slug, or an Ory Hydra, by its issuer
// URL as its metadata spell it.
//
//	jwtmw.Gin(provider.Ory("happy-poitras-x1y2z3", "https://api.acme.com"))
//
// The access token strategy must be jwt; tokens are opaque otherwise. A client
// gets an audience only if it is on the client's list and asked for; where "aud"
// stays empty, pass no audience and set Config.Clients.
//
// Scopes come as an array in "scp", or as "scope", as strategies.jwt.scope_claim
// says. What the consent app adds lies under "ext": Role reads "ext.roles" and
// Permission "ext.permissions".
func Ory(issuer string, audiences ...string) core.Config {
	a := arguments{function: "Ory"}
	url := issuer
	switch {
	case label.MatchString(issuer):
		url = "https://" + strings.ToLower(issuer) + ".projects.oryapis.com"
	case strings.HasSuffix(issuer, "/"): // Hydra's issuer may have the slash
		url = a.base("issuer", issuer) + "/"
	default:
		url = a.base("issuer", issuer)
	}
	return core.Config{
		Issuer:        url,
		Algorithms:    []core.Algorithm{core.RS256},
		Audiences:     audiences,
		RolesAt:       []string{"ext", "roles"},
		PermissionsAt: []string{"ext", "permissions"},
		Err:           a.err(),
	}
}
