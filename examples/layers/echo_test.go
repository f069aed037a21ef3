package layers

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v5"

	jwtmw "github.com/jwtmw/jwtmw/echo"
)

// Under echo the layer gets the request's context, and its refusal goes to the
// central error handler.
func Example_echo() {
	e := echo.New()
	e.HTTPErrorHandler = jwtmw.ErrorHandler
	e.Use(jwtmw.Echo(config()))
	e.POST("/orders/:item", func(c *echo.Context) error {
		placed, err := Orders{}.Place(c.Request().Context(), c.Param("item"))
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, placed)
	})

	for _, scope := range []string{"orders:write", "orders:read"} {
		r := httptest.NewRequest(http.MethodPost, "/orders/tea", nil)
		r.Header.Set("Authorization", "Bearer "+token(scope))
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 tea for alice of acme, tier 2
	// 403 {"type":"about:blank","title":"Forbidden","status":403,"detail":"the token does not grant a required scope","reason":"insufficient_scope"}
}
