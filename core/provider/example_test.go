package provider_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/provider"
)

// An API with one kind of token for users and another for its deployments.
func Example() {
	users := provider.Keycloak("https://sso.acme.com", "staff", "orders-api")
	deployments := provider.GitHubActions("https://orders.acme.com", map[string]string{"repository": "acme/orders"})
	v, err := core.New(users, deployments)
	if err != nil {
		panic(err)
	}
	for _, issuer := range v.Stats() {
		fmt.Println(issuer.Issuer)
	}
	// Output:
	// https://sso.acme.com/realms/staff
	// https://token.actions.githubusercontent.com
}

// An application that companies sign up for with their own Entra ID tenant.
func ExampleEntraID_tenants() {
	const prefix, suffix = "https://login.microsoftonline.com/", "/v2.0"
	signedUp := func(context.Context, string) (bool, error) { return true, nil } // asks the database
	v, err := core.NewTenants(core.Tenants{
		Allow: func(issuer string) bool { return strings.HasPrefix(issuer, prefix) },
		Config: func(ctx context.Context, issuer string) (core.Config, error) {
			tenant := strings.TrimSuffix(strings.TrimPrefix(issuer, prefix), suffix)
			if ok, err := signedUp(ctx, tenant); err != nil || !ok {
				return core.Config{}, cmp.Or(err, core.ErrUnknownTenant)
			}
			return provider.EntraID(tenant, "3f0a1c2d-1b2c-4d5e-8f90-a1b2c3d4e5f6"), nil
		},
	})
	fmt.Println(v != nil, err)
	// Output: true <nil>
}

// A mistake is found when the program starts.
func Example_mistake() {
	_, err := core.New(provider.EntraID("common", "3f0a1c2d-1b2c-4d5e-8f90-a1b2c3d4e5f6"))
	fmt.Println(err != nil)
	// Output: true
}
