package layers

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

var issuer = jwttest.NewIssuer("")

// config trusts the tests' issuer, which needs no socket.
func config() core.Config {
	return core.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}},
	}
}

func token(scope string) string {
	return issuer.Token(map[string]any{
		"scope":                       scope,
		"https://shop.example/tenant": map[string]any{"name": "acme", "tier": 2},
	})
}

// A service layer is tested without a request: a verified token and NewContext
// suffice.
func Example() {
	verifier, err := core.New(config())
	if err != nil {
		panic(err)
	}
	claims, err := verifier.Verify(context.Background(), token("orders:write"))
	if err != nil {
		panic(err)
	}
	ctx := core.NewContext(context.Background(), claims)
	fmt.Println(Orders{}.Place(ctx, "tea"))
	// Output: tea for alice of acme, tier 2 <nil>
}

func TestPlaceRefuses(t *testing.T) {
	verifier, err := core.New(config())
	if err != nil {
		t.Fatal(err)
	}
	claims, err := verifier.Verify(t.Context(), token("orders:read"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		ctx  context.Context
		want core.Reason
	}{
		{"without the scope", core.NewContext(t.Context(), claims), core.ReasonInsufficientScope},
		{"behind no guard", t.Context(), core.ReasonMisconfigured},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Orders{}.Place(test.ctx, "tea")
			refusal, ok := errors.AsType[*core.Refusal](err)
			if !ok || refusal.Reason != test.want {
				t.Errorf("got error %v, want a refusal with reason %s", err, test.want)
			}
		})
	}
}
