package provider

import (
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// CloudflareAccess trusts the assertion that Cloudflare Access adds to requests,
// by the team's name. The audiences are the AUD tags of Access applications. The
// TokenSource is the header in which the assertion comes; no other is read.
//
//	config, source := provider.CloudflareAccess("acme", "4714c1358e65...")
//	v, err := core.New(config)
//	router.Use(jwtmw.Guard(core.Guard{Verifier: v, Tokens: []core.TokenSource{source}}))
//
// Role reads "custom.groups", which holds the groups of the identity provider if
// the login method passes an OIDC claim of that name on. A service token has no
// "sub" and its name in "common_name".
func CloudflareAccess(team string, audiences ...string) (core.Config, core.TokenSource) {
	a := arguments{function: "CloudflareAccess"}
	const domain = ".cloudflareaccess.com"
	name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(team, "/"), "https://"), domain)
	issuer := "https://" + strings.ToLower(a.label("team", name, "acme")) + domain
	return core.Config{
		Issuer:        issuer,
		Keys:          core.JWKS{URL: issuer + "/cdn-cgi/access/certs"},
		Algorithms:    []core.Algorithm{core.RS256},
		Audiences:     audiences,
		RequireClaims: []core.Requirement{core.ClaimIn([]string{"type"}, "app")}, // not the team's own session
		RolesAt:       []string{"custom", "groups"},
		Err:           a.err(),
	}, core.FromHeader("Cf-Access-Jwt-Assertion")
}
