package migration

import (
	"context"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// Before, with github.com/MicahParks/keyfunc/v3 and golang-jwt, outside of any web
// framework:
//
//	keys, err := keyfunc.NewDefaultCtx(ctx, []string{"https://login.example.com/keys"})
//	token, err := jwt.Parse(text, keys.Keyfunc)
//	subject, err := token.Claims.GetSubject()

// keyfunc is what becomes of it: no goroutine refreshes the keys, so there is no
// context to end one.
func keyfunc() (*core.Verifier, error) {
	return core.New(core.Config{
		Issuer:    "https://login.example.com/",
		Audiences: []string{"https://api.example.com"},
		Keys:      core.JWKS{URL: "https://login.example.com/keys", Fetch: core.Fetch{MaxAge: time.Hour}},
	})
}

func subject(ctx context.Context, v *core.Verifier, text string) (string, error) {
	claims, err := v.Verify(ctx, text)
	if err != nil {
		return "", err // errors.Is(err, core.ErrKeysUnavailable) says that it may be a good token
	}
	return claims.Subject, nil
}
