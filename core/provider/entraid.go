package provider

import (
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// EntraID trusts a tenant of Microsoft Entra ID, by its ID, for an API whose
// manifest asks for access tokens of version 2. The audience is the client ID
// of the API's app registration.
//
//	jwtmw.Gin(provider.EntraID("9c1d5b0e-...", "3f0a1c2d-..."))
//
// An app registration asks for version 2 by "requestedAccessTokenVersion": 2;
// otherwise its tokens are those of EntraIDv1. Tokens for Microsoft Graph are
// meant for Graph alone and never verify. The names "common", "organizations"
// and "consumers" stand for no one tenant: use EntraIDTenants.
//
// Role reads "roles", the app roles. Delegated permissions are scopes, in "scp".
// ID tokens are refused: they name no client.
func EntraID(tenant string, audiences ...string) core.Config {
	a := arguments{function: "EntraID"}
	return a.entraID("v2.0", tenant, audiences)
}

// EntraIDv1 is EntraID for an API that gets access tokens of version 1, as it
// does unless its manifest asks for others. The audience is its Application ID
// URI, such as "api://3f0a1c2d-...".
//
// For an API that gets both, give core.New both Configs.
func EntraIDv1(tenant string, audiences ...string) core.Config {
	a := arguments{function: "EntraIDv1"}
	return a.entraID("", tenant, audiences)
}

// EntraIDTenants is EntraID for an app that several tenants use, and no others:
// one Config for each.
//
//	v, err := core.New(provider.EntraIDTenants([]string{"9c1d5b0e-...", "52a7f1c4-..."}, "3f0a1c2d-...")...)
//
// For tenants that are known only at run time let a core.Tenants.Config return
// EntraID.
func EntraIDTenants(tenants []string, audiences ...string) []core.Config {
	configs := make([]core.Config, len(tenants))
	for i, tenant := range tenants {
		a := arguments{function: "EntraIDTenants"}
		configs[i] = a.entraID("v2.0", tenant, audiences)
	}
	return configs
}

func (a *arguments) entraID(version, tenant string, audiences []string) core.Config {
	id := strings.ToLower(tenant)
	if !guid.MatchString(id) {
		a.wrong("tenant", tenant, `the ID of one tenant, such as "00000000-0000-0000-0000-000000000000"`)
	}
	// The client's ID tells an access token from an ID token, whose audience
	// may be the same app registration.
	issuer, keys, client := "https://sts.windows.net/"+id+"/", "keys", "appid"
	if version != "" {
		issuer, keys, client = "https://login.microsoftonline.com/"+id+"/"+version, version+"/keys", "azp"
	}
	return core.Config{
		Issuer:        issuer,
		Keys:          core.JWKS{URL: "https://login.microsoftonline.com/" + id + "/discovery/" + keys},
		Algorithms:    []core.Algorithm{core.RS256},
		Audiences:     audiences,
		RequireClaims: []core.Requirement{core.ClaimIn([]string{"tid"}, id), present(client)},
		Err:           a.err(),
	}
}
