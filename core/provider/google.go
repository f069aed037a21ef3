package provider

import "github.com/jwtmw/jwtmw/core"

// Google trusts the ID tokens of "Sign in with Google" and of Google service
// accounts. Google's access tokens are opaque, so these ID tokens are what an
// API gets. The clients are OAuth client IDs; for a service account's token it is
// the audience that was asked for.
//
//	v, err := core.New(provider.Google("123-abc.apps.googleusercontent.com")...)
//
// There are two Configs because Google writes its issuer with and without
// "https://". Anybody has a Google account: to admit those of one Workspace
// organisation, require its domain with core.ClaimIn([]string{"hd"}, "acme.com").
// There are no roles.
func Google(clients ...string) []core.Config {
	config := core.Config{
		Issuer:     "https://accounts.google.com",
		Keys:       core.JWKS{URL: "https://www.googleapis.com/oauth2/v3/certs"},
		Algorithms: []core.Algorithm{core.RS256},
		Audiences:  clients,
		Profile:    core.ProfileIDToken,
	}
	bare := config
	bare.Issuer = "accounts.google.com"
	return []core.Config{config, bare}
}
