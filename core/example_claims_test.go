package core_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// Decode reads what has no field of its own into a struct of yours.
func ExampleClaims_Decode() {
	issuer, config := issuerAndConfig()
	v, err := core.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, err := v.Verify(context.Background(), issuer.Token(map[string]any{"email": "alice@example.com", "tenant": 7}))
	if err != nil {
		fmt.Println(err)
		return
	}
	var more struct {
		Email  string `json:"email"`
		Tenant int    `json:"tenant"`
	}
	if err := claims.Decode(&more); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(more.Email, more.Tenant)
	// Output: alice@example.com 7
}

// Lookup walks down to one claim, here to Keycloak's roles.
func ExampleClaims_Lookup() {
	issuer, config := issuerAndConfig()
	v, err := core.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, err := v.Verify(context.Background(), issuer.Token(map[string]any{"realm_access": map[string]any{"roles": []string{"clerk"}}}))
	if err != nil {
		fmt.Println(err)
		return
	}
	roles, ok := claims.Lookup("realm_access", "roles")
	fmt.Println(roles, ok)
	// Output: [clerk] true
}

// A deny list by issuer and token id. Never key one by the token's text: an
// ECDSA signature has a second spelling.
func ExampleConfig_revoked() {
	issuer, config := issuerAndConfig()
	denied := map[[2]string]bool{{issuer.URL(), "stolen"}: true}
	config.Revoked = func(_ context.Context, c *core.Claims) (bool, error) {
		return denied[[2]string{c.Issuer, c.ID}], nil
	}
	v, err := core.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"mine", "stolen"} {
		_, err := v.Verify(context.Background(), issuer.Token(map[string]any{"jti": id}))
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// the token has been revoked
}

// Where an issuer keeps its permissions is for the Config to say.
func ExamplePermission() {
	issuer, config := issuerAndConfig()
	config.PermissionsAt = []string{"authorization", "permissions"}
	v, err := core.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	token := issuer.Token(map[string]any{"authorization": map[string]any{"permissions": []string{"orders:cancel"}}})
	ctx, err := core.Guard{Verifier: v}.Check(context.Background(), bearer(token))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(core.Require(ctx, core.Permission("orders:cancel")))
	fmt.Println(core.Require(ctx, core.Permission("orders:cancel", "orders:refund")))
	// Output:
	// <nil>
	// the token does not permit this request
}

// What no other Requirement says, a function does. Its error is for the log
// alone.
func ExampleFunc() {
	verified := core.Func(func(_ context.Context, c *core.Claims) error {
		if mail, _ := c.Lookup("email_verified"); mail != true {
			return errors.New("the address is not verified")
		}
		return nil
	})
	issuer := jwttest.NewIssuer("https://login.example.com")
	guard := core.MustGuard(issuer.Config())
	for _, is := range []bool{true, false} {
		ctx, err := guard.Check(context.Background(), bearer(issuer.Token(map[string]any{"email_verified": is})))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(core.Require(ctx, verified))
	}
	// Output:
	// <nil>
	// the token does not permit this request
}
