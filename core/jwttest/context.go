package jwttest

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jwtmw/jwtmw/core"
)

// Context returns a context that carries claims, for the tests of a service layer that sees nothing but its context:
// core.FromContext, core.DecodeClaims and core.Require read them there as those of a verified token, roles and all. "iss",
// "sub", "aud" and "exp" are those of [Issuer.Token] unless claims says otherwise; a nil value leaves a claim out. Roles and
// permissions are read at their default paths. Context panics if claims are no JSON or hold a registered claim of a wrong
// type.
func Context(ctx context.Context, claims map[string]any) context.Context {
	var c core.Claims
	if err := json.Unmarshal(payloadOf(DefaultURL, claims), &c); err != nil {
		panic(fmt.Sprintf("jwttest: Context: %v", err))
	}
	return core.NewContext(ctx, &c)
}
