package revoke_test

import (
	"context"
	"fmt"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	"github.com/jwtmw/jwtmw/core/revoke"
)

// A user logs out everywhere: whatever was issued to her until now is refused.
func Example() {
	issuer := jwttest.NewIssuer("")
	list, err := revoke.New(revoke.Config{Log: revoke.Memory()})
	if err != nil {
		panic(err)
	}
	verifier, err := core.New(core.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.JWKSDocument(issuer.JWKS()),
		Revoked:   list.Revoked,
	})
	if err != nil {
		panic(err)
	}
	ctx, token := context.Background(), issuer.Token(map[string]any{"sub": "alice"})

	claims, err := verifier.Verify(ctx, token)
	fmt.Println(claims.Subject, err)

	now := time.Now()
	err = list.Add(ctx, revoke.Entry{Issuer: claims.Issuer, Subject: claims.Subject, Before: now, Until: now.Add(time.Hour)})
	fmt.Println("logged out:", err)

	_, err = verifier.Verify(ctx, token)
	fmt.Println(err)
	// Output:
	// alice <nil>
	// logged out: <nil>
	// the token has been revoked
}
