package recipes

import (
	"net/http"

	"github.com/labstack/echo/v5"

	jwtmw "github.com/jwtmw/jwtmw/echo"
)

// CORS stands on the whole Echo, so that it also runs for OPTIONS, which has no
// route. The guard stands on the group, given to Group so that no route can be
// added before it.
func Example_echo() {
	e := echo.New()
	e.HTTPErrorHandler = jwtmw.ErrorHandler
	e.Use(echoCORS)
	e.GET("/healthz", func(c *echo.Context) error { return c.NoContent(http.StatusOK) })

	api := e.Group("/api", jwtmw.Echo(config()))
	api.GET("/orders", func(c *echo.Context) error { return c.NoContent(http.StatusOK) })
	visitHandler(e)
	// Output:
	// health    200 readable=false
	// preflight 204 readable=true
	// no token  401 readable=true
	// token     200 readable=true
	// OPTIONS   401 readable=false
}

func echoCORS(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		r, h := c.Request(), c.Response().Header()
		h.Add("Vary", "Origin")
		if r.Header.Get("Origin") == page {
			h.Set("Access-Control-Allow-Origin", page)
			h.Set("Access-Control-Expose-Headers", "WWW-Authenticate")
		}
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			return next(c)
		}
		h.Set("Access-Control-Allow-Headers", "Authorization")
		return c.NoContent(http.StatusNoContent)
	}
}
