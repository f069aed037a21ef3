package migration

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/gin"
)

// Before, the verifying half of github.com/appleboy/gin-jwt:
//
//	guard, err := jwt.New(&jwt.GinJWTMiddleware{
//		Realm:       "shop",
//		Key:         secret,
//		IdentityKey: "id",
//		Authorizator: func(data any, c *gin.Context) bool {
//			return slices.Contains(data.(*user).roles, "admin")
//		},
//	})
//	router.GET("/hello", guard.MiddlewareFunc(), func(c *gin.Context) {
//		c.String(http.StatusOK, jwt.ExtractClaims(c)["id"].(string))
//	})

// ginJWT is what becomes of it. The login and refresh handlers have no counterpart
// here: they stay where they are, or go to an identity provider. Their PayloadFunc
// adds "iss", "aud" and "sub".
func ginJWT(secret []byte) (*gin.Engine, error) {
	v, err := core.New(core.Config{
		Issuer:    "https://shop.example.com",
		Audiences: []string{"https://shop.example.com"},
		Keys:      core.Secret(secret), // 32 octets at least
	})
	if err != nil {
		return nil, err
	}
	router := gin.New()
	router.Use(jwtmw.Guard(core.Guard{Verifier: v, Realm: "shop"}))
	router.GET("/hello", jwtmw.Require(core.Role("admin")), func(c *gin.Context) {
		claims, _ := jwtmw.FromContext(c)
		c.String(http.StatusOK, claims.Subject)
	})
	return router, nil
}
