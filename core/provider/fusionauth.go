package provider

import "github.com/jwtmw/jwtmw/core"

// FusionAuth trusts a tenant of a FusionAuth server. The issuer is the tenant's
// setting of that name, which is free text and "acme.com" unless somebody changed
// it. The audiences are application IDs.
//
//	jwtmw.Gin(provider.FusionAuth("https://auth.acme.com", "acme.com", "85a03867-..."))
//
// FusionAuth signs with HS256 until a tenant or application is given an RSA or EC
// key for its access tokens; HS256 is refused here, since whoever verifies could
// also sign. Role reads "roles".
func FusionAuth(base, issuer string, audiences ...string) core.Config {
	a := arguments{function: "FusionAuth"}
	if issuer == "" {
		a.wrong("issuer", issuer, `the tenant's issuer, such as "acme.com"`)
	}
	return core.Config{
		Issuer:     issuer,
		Keys:       core.JWKS{URL: a.base("base", base) + "/.well-known/jwks.json"},
		Algorithms: []core.Algorithm{core.RS256, core.ES256},
		Audiences:  audiences,
		Err:        a.err(),
	}
}
