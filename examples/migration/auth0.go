package migration

import (
	"fmt"
	"net/http"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/provider"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// Before, with github.com/auth0/go-jwt-middleware/v3:
//
//	issuer, err := url.Parse("https://acme.eu.auth0.com/")
//	keys, err := jwks.NewCachingProvider(jwks.WithIssuerURL(issuer), jwks.WithCacheTTL(5*time.Minute))
//	tokens, err := validator.New(validator.WithKeyFunc(keys.KeyFunc), validator.WithAlgorithm(validator.RS256),
//		validator.WithIssuer(issuer.String()), validator.WithAudience("https://api.example.com"))
//	guard, err := jwtmiddleware.New(jwtmiddleware.WithValidator(tokens))
//	http.Handle("/hello", guard.CheckJWT(handler))
//
// and in the handler:
//
//	claims, err := jwtmiddleware.GetClaims[*validator.ValidatedClaims](r.Context())
//	fmt.Fprintln(w, claims.RegisteredClaims.Subject)

// auth0 is what becomes of it. For another issuer than Auth0 a Config of Issuer
// and Audiences takes the provider's place.
func auth0() http.Handler {
	guard := jwtmw.NetHTTP(provider.Auth0("acme.eu.auth0.com", "https://api.example.com"))
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		fmt.Fprintln(w, claims.Subject)
	})
	return guard(jwtmw.Require(core.Scope("read:orders"))(hello))
}
