package issuer

import (
	"net/http"

	"github.com/labstack/echo/v5"

	jwtmw "github.com/jwtmw/jwtmw/echo"
)

// Any, because echo answers 405 itself to a method without a route, and with
// another Allow.
func Example_echo() {
	issuer := newIssuer()
	e := echo.New()
	e.HTTPErrorHandler = jwtmw.ErrorHandler
	e.Any("/.well-known/*", echo.WrapHandler(issuer))

	e.GET("/orders", func(c *echo.Context) error {
		claims, _ := jwtmw.FromContext(c)
		return c.String(http.StatusOK, orders(claims))
	}, jwtmw.Echo(issuer.Config(api)))
	visitHandler(issuer, e)
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
