package core_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// Whoever can write a tenant's issuer into the database reaches no address of
// the service's own network.
func TestTenantsReachNoLocalAddress(t *testing.T) {
	listening := jwttest.Serve(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(listening.URL(), "http://"), ":")
	for _, test := range []struct {
		name, issuer string
		keys         core.KeySource
		want         core.Reason
	}{
		{"http to loopback", listening.URL(), core.Discovery{}, core.ReasonMisconfigured},
		{"JWKS over http to loopback", "https://a.tenants.test", core.JWKS{URL: listening.JWKSURL()}, core.ReasonMisconfigured},
		{"metadata over http to loopback", "https://a.tenants.test", core.Discovery{URL: listening.URL() + "/x"}, core.ReasonMisconfigured},
		{"https to loopback", "https://127.0.0.1:" + port, core.Discovery{}, core.ReasonMisconfigured},
		{"https to a metadata service", "https://169.254.169.254", core.Discovery{}, core.ReasonMisconfigured},
		{"a name that resolves to loopback", "https://localhost:" + port, core.Discovery{}, core.ReasonKeysUnavailable},
		{"the same over InsecureHTTP", "http://localhost:" + port, core.Discovery{Fetch: core.Fetch{InsecureHTTP: true}}, core.ReasonKeysUnavailable},
		{"a Client of one's own", listening.URL(), core.Discovery{Fetch: core.Fetch{Client: listening.Client()}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			v, err := core.NewTenants(core.Tenants{
				Allow: func(string) bool { return true },
				Config: func(_ context.Context, issuer string) (core.Config, error) {
					return core.Config{Issuer: issuer, Audiences: []string{jwttest.Audience}, Keys: test.keys}, nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			before := len(listening.Requests())
			mustReason(t, v, listening.Token(map[string]any{"iss": test.issuer}), test.want)
			if asked := len(listening.Requests()) > before; asked != (test.want == "") {
				t.Errorf("got a request to loopback %t, want %t", asked, test.want == "")
			}
		})
	}
}

func TestTenantsHosts(t *testing.T) {
	for name, hosts := range map[string][]string{"elsewhere": nil, "allowed": {"keys.tenants.test"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEstate()
				a := e.tenant("a")
				a.SetMetadata(map[string]any{"jwks_uri": "https://keys.tenants.test/jwks.json"})
				v := e.verifier(t, func(ts *core.Tenants) { ts.Hosts = hosts })
				_ = mustReason(t, v, a.Token(nil), core.ReasonKeysUnavailable) // nobody serves keys.tenants.test
				reached := slices.ContainsFunc(a.Requests(), func(r *http.Request) bool { return r.URL.Host == "keys.tenants.test" })
				if reached != (hosts != nil) {
					t.Errorf("got a request to the other host %t, want %t", reached, hosts != nil)
				}
			})
		})
	}
}

func TestNewTenantsRefuses(t *testing.T) {
	_, err := core.NewTenants(core.Tenants{Max: -1, TokenCache: -2, Hosts: []string{"", "https://keys.test", "keys.test/x", "keys.test:443"}},
		core.Config{})
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"Allow is nil", "Config is nil", "Max is -1", "TokenCache is -2", `holds ""`, `"https://keys.test"`,
		`"keys.test/x"`, `"keys.test:443"`, "Issuer is empty"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to say %q", err, want)
		}
	}
	if _, err := core.NewTenants(core.Tenants{Allow: func(string) bool { return false },
		Config: func(context.Context, string) (core.Config, error) { return core.Config{}, nil }, Hosts: []string{"Keys.test:8443"}}); err != nil {
		t.Errorf("got %v, want nil: tenants need no fixed Config", err)
	}
}

// The identity providers of a service's customers, from its database.
func ExampleNewTenants() {
	customers := map[string]string{"https://login.customer.example/": "orders"} // issuer to audience, in a database
	v, err := core.NewTenants(core.Tenants{
		Allow: func(issuer string) bool { return strings.HasPrefix(issuer, "https://") },
		Config: func(_ context.Context, issuer string) (core.Config, error) {
			audience, ok := customers[issuer]
			if !ok {
				return core.Config{}, core.ErrUnknownTenant
			}
			return core.Config{Issuer: issuer, Audiences: []string{audience}}, nil
		},
	})
	fmt.Println(v != nil, err)
	// Output: true <nil>
}
