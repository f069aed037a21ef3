package jwttest

import (
	"context"
	"errors"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

// U8: claims for the test of a service layer read as those of a token.
func TestU8Context(t *testing.T) {
	ctx := Context(t.Context(), map[string]any{
		"sub": "bob", "roles": []string{"admin"}, "permissions": []string{"read"}, "scope": "a b", "tenant": map[string]any{"id": 7}, "aud": nil,
	})
	c, ok := core.FromContext(ctx)
	if !ok || c.Subject != "bob" || c.Issuer != DefaultURL || len(c.Audience) != 0 || c.Expiry.IsZero() {
		t.Fatalf("got %+v, want the claims that were given and a token's others", c)
	}
	if err := core.Require(ctx, core.Role("admin"), core.Permission("read"), core.Scope("a", "b"), core.ClaimIn([]string{"tenant", "id"}, 7)); err != nil {
		t.Errorf("got %v, want all of them granted", err)
	}
	if err := core.Require(ctx, core.Role("root")); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("got %v, want ErrForbidden", err)
	}
	if tenant, _ := c.Lookup("tenant", "id"); tenant != 7.0 {
		t.Errorf("got tenant %v, want 7", tenant)
	}
	type tenanted struct {
		Tenant struct {
			ID int `json:"id"`
		} `json:"tenant"`
	}
	if got, err := core.DecodeClaims[tenanted](ctx); err != nil || got.Tenant.ID != 7 {
		t.Errorf("got %+v, %v, want tenant 7", got, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("got no panic for a sub that is a number")
		}
	}()
	Context(context.Background(), map[string]any{"sub": 1})
}

// U15: an issuer that a configured service finds again.
func TestU15ListenOnAnAddress(t *testing.T) {
	url, address, again := "", "", (*Issuer)(nil)
	for try := 0; again == nil; try++ { // another program may take the port in between
		first, err := Listen()
		if err != nil {
			t.Fatal(err)
		}
		url, address = first.URL(), first.server.Listener.Addr().String()
		first.Close()
		if again, err = Listen(address); err != nil && try == 9 {
			t.Fatal(err)
		}
	}
	defer again.Close()
	if again.URL() != url {
		t.Errorf("got %s, want %s again", again.URL(), url)
	}
	if taken, err := Listen(address); err == nil {
		taken.Close()
		t.Error("got a second issuer on one port, want an error")
	}
	if _, err := Listen(address, address); err == nil {
		t.Error("got two addresses accepted, want an error")
	}
}
