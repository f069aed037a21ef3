package provider

import (
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// Clerk trusts the session tokens of a Clerk instance, by its Frontend API
// host. They have no audience: the parties are the origins of the web pages that
// may use this API, as browsers send them.
//
//	jwtmw.Gin(provider.Clerk("clerk.acme.com", "https://app.acme.com"))
//
// A token without "azp", which a native app's may be, is refused. So is one from
// a JWT template, which has no "sid". Clerk's tokens last a minute, so the leeway
// is 10 seconds. Same-origin requests carry the token as a cookie: give the Guard
// core.FromCookie("__session") beside core.FromBearer().
//
// Role reads "o.rol", the role in the active organisation without its "org:"
// (session tokens of version 2). Permissions are packed into "o.per" and "o.fpm",
// which only Clerk's own rules unpack, so Permission refuses them.
func Clerk(frontendAPI string, parties ...string) core.Config {
	a := arguments{function: "Clerk"}
	return core.Config{
		Issuer:        "https://" + a.host("frontendAPI", frontendAPI),
		Algorithms:    []core.Algorithm{core.RS256},
		Clients:       parties,
		Leeway:        10 * time.Second,
		RequireClaims: []core.Requirement{present("sid")},
		RolesAt:       []string{"o", "rol"},
		Err:           a.err(),
	}
}
