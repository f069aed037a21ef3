// Command fiber is a fiber service that takes the tokens of one issuer:
//
//	JWT_ISSUER=https://login.example.com/ JWT_AUDIENCE=https://api.example.com go run ./examples/fiber
package main

import (
	"cmp"
	"log"
	"os"

	"github.com/gofiber/fiber/v2"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/fiber"
)

func main() {
	config, err := core.ConfigFromEnv("JWT")
	if err != nil {
		log.Fatal(err)
	}
	app := fiber.New(fiber.Config{ErrorHandler: jwtmw.ErrorHandler, ReadBufferSize: 32 << 10})
	app.Use(jwtmw.Fiber(config))
	app.Get("/hello", func(c *fiber.Ctx) error {
		claims, _ := jwtmw.FromContext(c)
		return c.SendString("hello " + claims.Subject + "\n")
	})
	app.Get("/orders", jwtmw.Require(core.Scope("orders:read")), orders)
	log.Fatal(app.Listen(cmp.Or(os.Getenv("ADDR"), ":8080")))
}

func orders(c *fiber.Ctx) error { return c.SendString("your orders\n") }
