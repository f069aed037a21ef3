package provider

import (
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// GoogleIAP trusts the assertion that Google's Identity-Aware Proxy adds to
// requests. The audiences are those of the proxied services, as the console shows
// them under "Signed Header JWT Audience". The TokenSource is the header in which
// the assertion comes; no other is read.
//
//	config, source := provider.GoogleIAP("/projects/123456789/global/backendServices/987654321")
//	v, err := core.New(config)
//	router.Use(jwtmw.Guard(core.Guard{Verifier: v, Tokens: []core.TokenSource{source}}))
//
// "email" and "sub" say who it is. Role reads "google.access_levels", the access
// levels that the request meets.
func GoogleIAP(audiences ...string) (core.Config, core.TokenSource) {
	return core.Config{
		Issuer:        "https://cloud.google.com/iap",
		Keys:          core.JWKS{URL: "https://www.gstatic.com/iap/verify/public_key-jwk"},
		Algorithms:    []core.Algorithm{core.ES256},
		Audiences:     audiences,
		MaxAge:        10 * time.Minute, // an assertion's whole life; makes "iat" required
		RequireClaims: []core.Requirement{present("sub")},
		RolesAt:       []string{"google", "access_levels"},
	}, core.FromHeader("X-Goog-Iap-Jwt-Assertion")
}
