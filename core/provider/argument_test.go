package provider_test

import (
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/provider"
)

func cloudflare(team string) core.Config {
	config, _ := provider.CloudflareAccess(team, "tag")
	return config
}

// What a user would paste means what it should.
func TestPasted(t *testing.T) {
	for _, test := range []struct {
		name   string
		config core.Config
		issuer string
	}{
		{"domain", provider.Auth0("acme.eu.auth0.com", "a"), "https://acme.eu.auth0.com/"},
		{"domain with a scheme and a slash", provider.Auth0("https://acme.eu.auth0.com/", "a"), "https://acme.eu.auth0.com/"},
		{"domain in capitals", provider.Okta("ACME.okta.com", "aus1", "a"), "https://acme.okta.com/oauth2/aus1"},
		{"base with a slash", provider.Keycloak("https://sso.acme.com/auth/", "staff", "a"), "https://sso.acme.com/auth/realms/staff"},
		{"base without a scheme", provider.Keycloak("sso.acme.com", "staff", "a"), "https://sso.acme.com/realms/staff"},
		{"base with a port", provider.Zitadel("http://localhost:8080", "a"), "http://localhost:8080"},
		{"Frontend API", provider.Clerk("https://happy-fox-1.clerk.accounts.dev", "a"), "https://happy-fox-1.clerk.accounts.dev"},
		{"host of an Ory project", provider.Ory("x1.projects.oryapis.com", "a"), "https://x1.projects.oryapis.com"},
		{"API domain with its path", provider.SuperTokens("https://api.acme.com/auth/", "a"), "https://api.acme.com/auth"},
		{"base of opaque tokens", provider.ZitadelOpaque("https://acme.zitadel.cloud/", "c", core.Secret("s"), "a"), "https://acme.zitadel.cloud"},
		{"slug in capitals", provider.OryOpaque("X1", core.Secret("s"), "a"), "https://x1.projects.oryapis.com"},
		{"issuer without a slash", provider.HydraOpaque("https://hydra.acme.com", "https://admin:4445/", "a"), "https://hydra.acme.com"},
		{"reference in capitals", provider.Supabase("ABC"), "https://abc.supabase.co/auth/v1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.config.Issuer != test.issuer {
				t.Errorf("got issuer %q, want %q", test.config.Issuer, test.issuer)
			}
			if _, err := core.New(test.config); err != nil {
				t.Errorf("got %v, want a Verifier", err)
			}
		})
	}
}

// What cannot be right is reported by New, with the function, the argument and
// what it was.
func TestWrongArguments(t *testing.T) {
	for _, test := range []struct {
		name   string
		config core.Config
		want   []string
	}{
		{"empty domain", provider.Auth0("", "a"), []string{"provider.Auth0", "domain", `""`}},
		{"domain with a path", provider.Auth0("https://acme.eu.auth0.com/api", "a"), []string{"provider.Auth0", `"https://acme.eu.auth0.com/api"`}},
		{"domain over http", provider.Okta("http://acme.okta.com", "default", "a"), []string{"provider.Okta", `"http://acme.okta.com"`}},
		{"domain with a user", provider.Clerk("a@clerk.acme.com", "a"), []string{"provider.Clerk", `"a@clerk.acme.com"`}},
		{"two mistakes", provider.Okta("", "", "a"), []string{"domain", "server", `"default"`}},
		{"server with a slash", provider.Okta("acme.okta.com", "oauth2/default", "a"), []string{"server", `"oauth2/default"`}},
		{"empty base", provider.Keycloak("", "staff", "a"), []string{"provider.Keycloak", "base"}},
		{"base of another scheme", provider.Keycloak("ftp://sso.acme.com", "staff", "a"), []string{"base", `"ftp://sso.acme.com"`}},
		{"base with a query", provider.Zitadel("https://acme.zitadel.cloud?x", "a"), []string{"provider.Zitadel", "instance"}},
		{"empty realm", provider.Keycloak("https://sso.acme.com", "", "a"), []string{"realm", `""`}},
		{"realm with a slash", provider.Keycloak("https://sso.acme.com", "realms/staff", "a"), []string{"realm", `"realms/staff"`}},
		{"base over http", provider.Keycloak("http://sso.acme.com", "staff", "a"), []string{"JWKS.URL", "https"}},
		{"no tenant", provider.EntraID("common", "a"), []string{"provider.EntraID", `"common"`, "one tenant"}},
		{"tenant by name", provider.EntraIDv1("acme.onmicrosoft.com", "a"), []string{"provider.EntraIDv1", `"acme.onmicrosoft.com"`}},
		{"one wrong tenant of two", provider.EntraIDTenants([]string{tenant, "organizations"}, "a")[1], []string{"provider.EntraIDTenants", `"organizations"`}},
		{"region for a user pool", provider.Cognito("eu-central-1", "a"), []string{"provider.Cognito", "userPool", `"eu-central-1"`}},
		{"user pool with a slash", provider.Cognito("eu-central-1_a/b", "a"), []string{"userPool"}},
		{"empty project", provider.Firebase(""), []string{"provider.Firebase", "project"}},
		{"project with a slash", provider.Firebase("a/b"), []string{"provider.Firebase", `"a/b"`}},
		{"project that is no host", provider.Supabase("a b"), []string{"provider.Supabase", "project"}},
		{"empty issuer", provider.Ory("", "a"), []string{"provider.Ory", "issuer"}},
		{"no issuer", provider.FusionAuth("https://auth.acme.com", "", "a"), []string{"provider.FusionAuth", `"acme.com"`}},
		{"team of another domain", cloudflare("acme.example.com"), []string{"provider.CloudflareAccess", `"acme.example.com"`}},
		{"no audience", provider.Auth0("acme.eu.auth0.com"), []string{"Audiences", "Clients"}},
		{"no client", provider.Cognito("eu-central-1_a"), []string{"Audiences", "Clients"}},
		{"empty audience", provider.Zitadel("acme.zitadel.cloud", ""), []string{"Audiences", "empty"}},
		{"no instance", provider.ZitadelOpaque("", "c", core.Secret("s"), "a"), []string{"provider.ZitadelOpaque", "instance"}},
		{"no client and no secret", provider.ZitadelOpaque("acme.zitadel.cloud", "", nil, "a"), []string{"ClientID", "Secret"}},
		{"project as a URL", provider.OryOpaque("https://x1.projects.oryapis.com", core.Secret("s"), "a"), []string{"provider.OryOpaque", "project"}},
		{"no API key", provider.OryOpaque("x1", nil, "a"), []string{"Secret"}},
		{"no admin API", provider.HydraOpaque("https://hydra.acme.com/", "", "a"), []string{"provider.HydraOpaque", "admin"}},
		{"admin API over http", provider.HydraOpaque("https://hydra.acme.com/", "http://hydra:4445", "a"), []string{"Introspection.URL", "https"}},
		{"opaque tokens for anybody", provider.OryOpaque("x1", core.Secret("s")), []string{"Audiences", "Clients"}},
		{"every mistake", provider.Auth0(""), []string{"provider.Auth0", "Audiences"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := core.New(test.config)
			if err == nil {
				t.Fatal("got no error, want one")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want it to say %q", err, want)
				}
			}
		})
	}
}

// What follows from a wrong argument is no mistake of its own.
func TestWrongArgumentIsNamedOnce(t *testing.T) {
	_, err := core.New(provider.Auth0("", "https://api.acme.com"))
	if err == nil || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "Discovery") {
		t.Errorf("got %v, want the domain alone", err)
	}
}

func TestWrongArgumentIsCut(t *testing.T) {
	_, err := core.New(provider.FusionAuth(strings.Repeat("x?", 100)+"tail", "acme.com", "a"))
	if err == nil || strings.Contains(err.Error(), "tail") {
		t.Errorf("got %v, want the argument cut", err)
	}
}
