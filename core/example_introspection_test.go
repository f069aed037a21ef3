package core_test

import (
	"context"
	"fmt"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// An issuer whose tokens are opaque is asked about each. Those of the client who
// asks are its own id and secret, not those of who sent the token.
func ExampleIntrospection() {
	issuer := jwttest.NewIssuer("https://login.example.com")
	issuer.RegisterClient("orders", "a secret of the service")

	v, err := core.New(core.Config{
		Issuer:    "https://login.example.com",
		Audiences: []string{jwttest.Audience},
		Keys: core.Introspection{ // the endpoint is found in the issuer's metadata
			ClientID: "orders",
			Secret:   core.Secret("a secret of the service"),
			Fetch:    core.Fetch{Client: issuer.Client()}, // a real issuer is reached over https
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token := issuer.Opaque(map[string]any{"scope": "orders:read"})
	claims, err := v.Verify(context.Background(), token)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(claims.Subject, claims.Scopes)

	issuer.Revoke(token)
	_, err = v.Verify(context.Background(), token)
	fmt.Println(err)
	// Output:
	// alice [orders:read]
	// the token is not active
}
