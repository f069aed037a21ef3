package provider

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/jwtmw/jwtmw/core"
)

// Ory trusts an Ory Network project, by its slug, or an Ory Hydra, by its issuer
// URL as its metadata spell it.
//
//	jwtmw.Gin(provider.Ory("happy-poitras-x1y2z3", "https://api.acme.com"))
//
// The access token strategy must be jwt; tokens are opaque otherwise, and for
// [OryOpaque] and [HydraOpaque]. A client
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

// OryOpaque trusts the opaque access tokens of an Ory Network project, by its slug.
// The project is asked about each with one of its API keys. Such a key may do
// anything in the project: keep it as a secret.
//
//	jwtmw.Gin(provider.OryOpaque("happy-poitras-x1y2z3", apiKey, "https://api.acme.com"))
//
// Refresh tokens are refused, by "token_use". A client gets an audience as with [Ory];
// where "aud" stays empty, pass no audience and set Config.Clients. Scopes come as
// "scope". Role reads "ext.roles" and Permission "ext.permissions".
func OryOpaque(project string, apiKey core.Secret, audiences ...string) core.Config {
	a := arguments{function: "OryOpaque"}
	config := Ory(a.label("project", project, "happy-poitras-x1y2z3"), audiences...)
	config.Err = a.err()
	host := strings.TrimPrefix(config.Issuer, "https://")
	return opaque(config, core.Introspection{
		URL: config.Issuer + hydraIntrospection,
		// The API key stands in for a client, whose credentials these would be.
		ClientID: "api-key", Secret: apiKey,
		Fetch: core.Fetch{Client: &http.Client{Transport: apiKeyOf{host, apiKey}}},
	})
}

// HydraOpaque trusts the opaque access tokens of an Ory Hydra of version 2, by its
// issuer URL as its metadata spell it. Hydra is asked about each at its admin API,
// which has another address and is for the internal network alone, since it asks
// nobody who he is.
//
//	jwtmw.Gin(provider.HydraOpaque("https://hydra.acme.com/", "https://hydra-admin.internal:4445", "https://api.acme.com"))
//
// An admin URL of http is refused unless it is loopback; set
// [core.Introspection].InsecureHTTP in Config.Keys for a network that you trust. Where
// a gateway before the admin API asks for a client, set ClientID and Secret there too.
// The rest is as with [OryOpaque].
func HydraOpaque(issuer, admin string, audiences ...string) core.Config {
	a := arguments{function: "HydraOpaque"}
	base := a.base("issuer", issuer)
	endpoint := a.base("admin", admin) + hydraIntrospection
	if strings.HasSuffix(issuer, "/") {
		base += "/"
	}
	config := Ory(base, audiences...)
	config.Err = a.err()
	// core wants a client, and Hydra reads none.
	return opaque(config, core.Introspection{URL: endpoint, ClientID: "jwtmw", Secret: core.Secret("none")})
}

const hydraIntrospection = "/admin/oauth2/introspect"

// apiKeyOf authenticates requests to one host by an API key of Ory Network.
type apiKeyOf struct {
	host string
	key  core.Secret
}

// RoundTrip sends the key along, to its own host alone.
func (k apiKeyOf) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.URL.Host != k.host {
		return nil, fmt.Errorf("got a request to %.64q, want one to %q: the API key is for nobody else", r.URL.Host, k.host)
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(k.key))
	return http.DefaultTransport.RoundTrip(r)
}
