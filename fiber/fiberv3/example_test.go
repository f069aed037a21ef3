package jwtmw_test

import (
	"fmt"
	"io"
	"net/http/httptest"

	"github.com/gofiber/fiber/v3"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/fiber/fiberv3"
)

func ExampleFiber() {
	issuer := jwttest.NewIssuer("") // stands in for your identity provider

	app := fiber.New(fiber.Config{ErrorHandler: jwtmw.ErrorHandler})
	app.Use(jwtmw.Fiber(jwtmw.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}, // only for a stand-in
	}))
	app.Get("/hello", func(c fiber.Ctx) error {
		claims, _ := jwtmw.FromContext(c)
		return c.SendString("hello " + claims.Subject)
	})

	for _, authorization := range []string{"", "Bearer " + issuer.Token(nil)} {
		r := httptest.NewRequest("GET", "/hello", nil)
		r.Header.Set("Authorization", authorization)
		response, err := app.Test(r, fiber.TestConfig{})
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(response.Body)
		fmt.Printf("%d %s%s\n", response.StatusCode, response.Header.Get("WWW-Authenticate"), body)
	}

	// Output:
	// 401 Bearer{"type":"about:blank","title":"Unauthorized","status":401,"detail":"a token is required","reason":"no_token"}
	// 200 hello alice
}
