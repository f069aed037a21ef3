package issuer

import (
	"net/http"

	"github.com/gin-gonic/gin"

	jwtmw "github.com/jwtmw/jwtmw/gin"
)

// Any, because gin answers 404 itself to a method without a route.
func Example_gin() {
	issuer := newIssuer()
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Any("/.well-known/*document", gin.WrapH(issuer))

	router.GET("/orders", jwtmw.Gin(issuer.Config(api)), func(c *gin.Context) {
		claims, _ := jwtmw.FromContext(c)
		c.String(http.StatusOK, orders(claims))
	})
	visitHandler(issuer, router)
	// Output:
	// 200 openid-configuration public, max-age=600
	// 200 oauth-authorization-server public, max-age=600
	// 200 jwks.json public, max-age=600
	// 404 nothing
	// 304 the same key set
	// 405 POST
	// 401 without a token
	// 200 the orders of alice
}
