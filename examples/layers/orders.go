// Package layers is a service in two layers: what it does, which knows nothing
// of HTTP, and the framework in front of it, which may be any.
//
// Orders asks its context.Context who is there, in types of its own. The
// examples put net/http, gin, fiber and echo in front of it.
package layers

import (
	"context"
	"fmt"

	"github.com/jwtmw/jwtmw/core"
)

// Orders is the business of this service.
type Orders struct{}

// customer is what Orders needs to know of a token: claims as this issuer names
// them.
type customer struct {
	Subject string `json:"sub"`
	Tenant  struct {
		Name string `json:"name"`
		Tier int    `json:"tier"`
	} `json:"https://shop.example/tenant"`
}

// Place orders an item for whoever ctx says is there. The error is a
// *core.Refusal if nobody is, or if the token does not permit it.
func (Orders) Place(ctx context.Context, item string) (string, error) {
	if err := core.Require(ctx, core.Scope("orders:write")); err != nil {
		return "", err
	}
	who, err := core.DecodeClaims[customer](ctx)
	if err != nil {
		return "", fmt.Errorf("order %q: %w", item, err)
	}
	return fmt.Sprintf("%s for %s of %s, tier %d", item, who.Subject, who.Tenant.Name, who.Tenant.Tier), nil
}
