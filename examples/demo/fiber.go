package main

import (
	"context"
	"net"

	"github.com/gofiber/fiber/v2"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/fiber"
)

// newFiberServer answers with the claims of whoever asks, under fiber.
func newFiberServer(guard core.Guard) server {
	claims := func(c *fiber.Ctx) error {
		claims, _ := jwtmw.FromContext(c)
		return c.JSON(claims)
	}
	app := fiber.New(fiber.Config{
		ErrorHandler:          jwtmw.ErrorHandler,
		DisableStartupMessage: true,
		// The playground sends a token of 1 MB, and the guard is to judge it. A
		// service needs 32 KiB at most; fasthttp answers 431 to what is larger.
		ReadBufferSize: 2 << 20,
	})
	app.Use(jwtmw.Guard(guard))
	app.Get("/", claims)
	app.Get("/orders", jwtmw.Require(core.Scope(ordersScope)), claims)
	return fiberServer{app}
}

// fiberServer gives fiber the methods of an *http.Server.
type fiberServer struct{ app *fiber.App }

func (s fiberServer) Serve(l net.Listener) error         { return s.app.Listener(l) }
func (s fiberServer) Shutdown(ctx context.Context) error { return s.app.ShutdownWithContext(ctx) }
