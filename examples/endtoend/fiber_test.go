package endtoend

import (
	"net"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/fiber"
)

// serveFiber runs the service under fiber.
func serveFiber(t *testing.T, listener net.Listener, guard core.Guard) {
	t.Helper()
	greet := func(c *fiber.Ctx) error {
		claims, _ := jwtmw.FromContext(c)
		return c.SendString(greeting(claims))
	}
	app := fiber.New(fiber.Config{ErrorHandler: jwtmw.ErrorHandler, DisableStartupMessage: true})
	app.Use(jwtmw.Guard(guard))
	app.Get("/", greet)
	app.Get("/ship", jwtmw.Require(core.Scope("orders:ship")), greet)

	var serving sync.WaitGroup
	serving.Go(func() { _ = app.Listener(listener) }) // says that the listener was closed
	t.Cleanup(func() {
		_ = listener.Close() // nothing to do about it
		serving.Wait()
	})
}
