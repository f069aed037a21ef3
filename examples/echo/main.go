// Command echo is an echo service that takes the tokens of one issuer:
//
//	JWT_ISSUER=https://login.example.com/ JWT_AUDIENCE=https://api.example.com go run ./examples/echo
package main

import (
	"cmp"
	"log"
	"net/http"
	"os"

	"github.com/labstack/echo/v5"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/echo"
)

func main() {
	config, err := core.ConfigFromEnv("JWT")
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.HTTPErrorHandler = jwtmw.ErrorHandler
	e.Use(jwtmw.Echo(config))
	e.GET("/hello", func(c *echo.Context) error {
		claims, _ := jwtmw.FromContext(c)
		return c.String(http.StatusOK, "hello "+claims.Subject+"\n")
	})
	e.GET("/orders", orders, jwtmw.Require(core.Scope("orders:read")))
	if err := e.Start(cmp.Or(os.Getenv("ADDR"), ":8080")); err != nil {
		log.Fatal(err)
	}
}

func orders(c *echo.Context) error { return c.String(http.StatusOK, "your orders\n") }
