package main

import (
	"net"

	"github.com/gofiber/fiber/v2"
	fiberv3 "github.com/gofiber/fiber/v3"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/fiber"
	jwtmwv3 "github.com/jwtmw/jwtmw/fiber/fiberv3"
)

// readBuffer holds a head with a certificate and a proof, which 4 KiB might not.
const readBuffer = 16 << 10

func serveFiber(l net.Listener, g core.Guard) func() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ErrorHandler: jwtmw.ErrorHandler, ReadBufferSize: readBuffer})
	app.Use(jwtmw.Guard(g))
	app.Get(path, func(c *fiber.Ctx) error {
		claims, _ := jwtmw.FromContext(c)
		return c.SendString(claims.Subject)
	})
	go func() { _ = app.Listener(l) }() // returns when the app is shut down
	return func() { _ = app.Shutdown() }
}

func serveFiberV3(l net.Listener, g core.Guard) func() {
	app := fiberv3.New(fiberv3.Config{ErrorHandler: jwtmwv3.ErrorHandler, ReadBufferSize: readBuffer})
	app.Use(jwtmwv3.Guard(g))
	app.Get(path, func(c fiberv3.Ctx) error {
		claims, _ := jwtmwv3.FromContext(c)
		return c.SendString(claims.Subject)
	})
	go func() { _ = app.Listener(l, fiberv3.ListenConfig{DisableStartupMessage: true}) }() // returns when the app is shut down
	return func() { _ = app.Shutdown() }
}
