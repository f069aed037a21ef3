package layers

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/gofiber/fiber/v2"

	jwtmw "github.com/jwtmw/jwtmw/fiber"
)

// Under fiber the layer gets UserContext, and its refusal goes to the central
// error handler.
func Example_fiber() {
	app := fiber.New(fiber.Config{ErrorHandler: jwtmw.ErrorHandler})
	app.Use(jwtmw.Fiber(config()))
	app.Post("/orders/:item", func(c *fiber.Ctx) error {
		placed, err := Orders{}.Place(c.UserContext(), c.Params("item"))
		if err != nil {
			return err
		}
		return c.SendString(placed)
	})

	for _, scope := range []string{"orders:write", "orders:read"} {
		r := httptest.NewRequest(http.MethodPost, "/orders/tea", nil)
		r.Header.Set("Authorization", "Bearer "+token(scope))
		w, err := app.Test(r, -1)
		if err != nil {
			panic(err)
		}
		body, _ := io.ReadAll(w.Body)
		fmt.Println(w.StatusCode, string(body))
	}
	// Output:
	// 200 tea for alice of acme, tier 2
	// 403 {"type":"about:blank","title":"Forbidden","status":403,"detail":"the token does not grant a required scope","reason":"insufficient_scope"}
}
