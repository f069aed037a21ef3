package migration

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/echo/echov4"
)

// Before, with github.com/labstack/echo-jwt/v4:
//
//	e.Use(echojwt.WithConfig(echojwt.Config{
//		SigningKey:    secret,
//		NewClaimsFunc: func(echo.Context) jwt.Claims { return new(accountClaims) },
//	}))
//	e.GET("/hello", func(c echo.Context) error {
//		claims := c.Get("user").(*jwt.Token).Claims.(*accountClaims)
//		return c.String(http.StatusOK, claims.Name)
//	})

type accountClaims struct {
	Name  string `json:"name"`
	Admin bool   `json:"admin"`
}

// echoJWT is what becomes of it. Whoever signs the tokens now puts "iss" and "aud"
// into them.
func echoJWT(secret []byte) *echo.Echo {
	e := echo.New()
	e.Use(jwtmw.Echo(jwtmw.Config{
		Issuer:    "https://accounts.example.com",
		Audiences: []string{"https://api.example.com"},
		Keys:      core.Secret(secret), // 32 octets at least
	}))
	e.GET("/hello", func(c echo.Context) error {
		claims, err := core.DecodeClaims[accountClaims](c.Request().Context())
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, claims.Name)
	})
	return e
}
