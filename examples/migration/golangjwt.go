package migration

import (
	"fmt"
	"net/http"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// Before, a middleware of one's own around github.com/golang-jwt/jwt/v5:
//
//	func guard(key *rsa.PublicKey, next http.Handler) http.Handler {
//		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//			text := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
//			token, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return key, nil },
//				jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer("https://login.example.com/"),
//				jwt.WithAudience("https://api.example.com"), jwt.WithExpirationRequired())
//			if err != nil {
//				http.Error(w, err.Error(), http.StatusUnauthorized)
//				return
//			}
//			ctx := context.WithValue(r.Context(), claimsKey{}, token.Claims)
//			next.ServeHTTP(w, r.WithContext(ctx))
//		})
//	}

// golangJWT is what becomes of it. The key in hand stays, as PEM; without Keys it
// would be fetched from the issuer, and rotated with it.
func golangJWT(publicKey []byte) http.Handler {
	guard := jwtmw.NetHTTP(jwtmw.Config{
		Issuer:     "https://login.example.com/",
		Audiences:  []string{"https://api.example.com"},
		Keys:       core.PEM(publicKey),
		Algorithms: []core.Algorithm{core.RS256},
	})
	return guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		fmt.Fprintln(w, claims.Subject)
	}))
}
