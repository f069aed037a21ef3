package provider

import (
	"maps"
	"slices"

	"github.com/jwtmw/jwtmw/core"
)

// GitHubActions trusts the OIDC tokens of GitHub Actions workflows that have all of
// the claims. The audience is the one that the workflow asks for.
//
//	jwtmw.Gin(provider.GitHubActions("https://deploy.acme.com", map[string]string{
//		"repository": "acme/shop", "ref": "refs/heads/main",
//	}))
//
// Every workflow of every GitHub user can ask for any audience, so the audience
// alone proves nothing. New refuses claims that do not say whose workflow it is:
// one of repository, repository_id, repository_owner, repository_owner_id,
// enterprise, enterprise_id and sub must be among them. The IDs outlive renames.
//
// For several values of a claim add a core.ClaimIn to Config.RequireClaims. For an
// enterprise with an issuer of its own, or GitHub Enterprise Server, set
// Config.Issuer. There are no roles.
func GitHubActions(audience string, claims map[string]string) core.Config {
	a := arguments{function: "GitHubActions"}
	owners := []string{"repository", "repository_id", "repository_owner", "repository_owner_id", "enterprise", "enterprise_id", "sub"}
	if !slices.ContainsFunc(owners, func(name string) bool { return claims[name] != "" }) {
		a.wrong("claims", "none of an owner", `one that says whose workflows to trust, such as "repository"`)
	}
	var pinned []core.Requirement
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		if claims[name] == "" {
			a.wrong("claims", name, "a value for each name")
		}
		pinned = append(pinned, core.ClaimIn([]string{name}, claims[name]))
	}
	return core.Config{
		Issuer:        "https://token.actions.githubusercontent.com",
		Algorithms:    []core.Algorithm{core.RS256},
		Audiences:     []string{audience},
		RequireClaims: pinned,
		Err:           a.err(),
	}
}
