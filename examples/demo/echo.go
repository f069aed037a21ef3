package main

import (
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/echo"
)

// echoHandler answers with the claims of whoever asks, under echo.
func echoHandler(guard core.Guard) http.Handler {
	claims := func(c *echo.Context) error {
		claims, _ := jwtmw.FromContext(c)
		return c.JSON(http.StatusOK, claims)
	}
	e := echo.New()
	e.HTTPErrorHandler = jwtmw.ErrorHandler
	e.Use(jwtmw.Guard(guard))
	e.GET("/", claims)
	e.GET("/orders", claims, jwtmw.Require(core.Scope(ordersScope)))
	return e
}
