package migration

import (
	"github.com/gofiber/fiber/v2"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/fiber"
)

// Before, with github.com/gofiber/contrib/jwt:
//
//	app.Use(jwtware.New(jwtware.Config{
//		JWKSetURLs:  []string{"https://login.example.com/keys"},
//		TokenLookup: "cookie:session",
//	}))
//	app.Get("/hello", func(c *fiber.Ctx) error {
//		claims := c.Locals("user").(*jwt.Token).Claims.(jwt.MapClaims)
//		return c.SendString(claims["sub"].(string))
//	})

// fiberContrib is what becomes of it. Where the keys are found through the issuer's
// metadata, Keys can be left out.
func fiberContrib() (*fiber.App, error) {
	v, err := core.New(core.Config{
		Issuer:    "https://login.example.com/",
		Audiences: []string{"https://api.example.com"},
		Keys:      core.JWKS{URL: "https://login.example.com/keys"},
	})
	if err != nil {
		return nil, err
	}
	// Without the ErrorHandler a refusal is answered as plain text.
	app := fiber.New(fiber.Config{ErrorHandler: jwtmw.ErrorHandler, DisableStartupMessage: true})
	app.Use(jwtmw.Guard(core.Guard{Verifier: v, Tokens: []core.TokenSource{core.FromCookie("session")}}))
	app.Get("/hello", func(c *fiber.Ctx) error {
		claims, _ := jwtmw.FromContext(c)
		return c.SendString(claims.Subject)
	})
	return app, nil
}
