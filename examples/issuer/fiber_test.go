package issuer

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	jwtmw "github.com/jwtmw/jwtmw/fiber"
)

// Fiber's adaptor makes a net/http request of its own.
func Example_fiber() {
	issuer := newIssuer()
	app := fiber.New(fiber.Config{ErrorHandler: jwtmw.ErrorHandler})
	app.All("/.well-known/*", adaptor.HTTPHandler(issuer))

	app.Get("/orders", jwtmw.Fiber(issuer.Config(api)), func(c *fiber.Ctx) error {
		claims, _ := jwtmw.FromContext(c)
		return c.SendString(orders(claims))
	})
	visit(issuer, func(r *http.Request) *http.Response {
		response, err := app.Test(r, -1)
		if err != nil {
			panic(err)
		}
		return response
	})
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
