package recipes

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	jwtmw "github.com/jwtmw/jwtmw/fiber"
)

// Fiber runs handlers in the order in which they were added: CORS first, then
// the open route, then the guarded group.
func Example_fiber() {
	app := fiber.New(fiber.Config{ErrorHandler: jwtmw.ErrorHandler})
	app.Use(fiberCORS)
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendStatus(http.StatusOK) })

	api := app.Group("/api", jwtmw.Fiber(config()))
	api.Get("/orders", func(c *fiber.Ctx) error { return c.SendStatus(http.StatusOK) })
	visit(func(r *http.Request) *http.Response {
		response, err := app.Test(r, -1)
		if err != nil {
			panic(err)
		}
		return response
	})
	// Output:
	// health    200 readable=false
	// preflight 204 readable=true
	// no token  401 readable=true
	// token     200 readable=true
	// OPTIONS   401 readable=false
}

func fiberCORS(c *fiber.Ctx) error {
	c.Vary("Origin")
	if c.Get("Origin") == page {
		c.Set("Access-Control-Allow-Origin", page)
		c.Set("Access-Control-Expose-Headers", "WWW-Authenticate")
	}
	if c.Method() != http.MethodOptions || c.Get("Access-Control-Request-Method") == "" {
		return c.Next()
	}
	c.Set("Access-Control-Allow-Headers", "Authorization")
	return c.SendStatus(http.StatusNoContent)
}
