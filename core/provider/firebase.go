package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// Firebase trusts the ID tokens of Firebase Authentication (Google Cloud Identity
// Platform) for a project, by its ID.
//
//	jwtmw.Gin(provider.Firebase("acme-prod"))
//
// Custom claims stand at the top of the payload: Role reads "roles" and
// Permission "permissions" if you set them so with the Admin SDK. Anonymous users
// are users: require another "firebase.sign_in_provider" to refuse them.
func Firebase(project string) core.Config {
	a := arguments{function: "Firebase"}
	project = a.label("project", project, "acme-prod")
	return core.Config{
		Issuer: "https://securetoken.google.com/" + project,
		// The address in Firebase's guides answers certificates by kid, which
		// is no key set.
		Keys:          core.JWKS{URL: "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"},
		Algorithms:    []core.Algorithm{core.RS256},
		Audiences:     []string{project},
		Profile:       core.ProfileIDToken,
		RequireClaims: []core.Requirement{core.Func(authenticated)},
		Err:           a.err(),
	}
}

// authenticated requires an "auth_time" that has come, give or take clocks.
func authenticated(_ context.Context, c *core.Claims) error {
	const skew = 30 * time.Second
	seconds, ok := lookup(c, "auth_time").(float64)
	if limit := time.Now().Add(skew).Unix(); !ok || seconds > float64(limit) {
		return fmt.Errorf("auth_time: got %v, want a date of at most %d", seconds, limit)
	}
	return nil
}

func lookup(c *core.Claims, name string) any {
	value, _ := c.Lookup(name)
	return value
}
