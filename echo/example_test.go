package jwtmw_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v5"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/echo"
)

func ExampleEcho() {
	issuer := jwttest.NewIssuer("") // stands in for your identity provider

	e := echo.New()
	e.HTTPErrorHandler = jwtmw.ErrorHandler
	e.Use(jwtmw.Echo(jwtmw.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}, // only for a stand-in
	}))
	e.GET("/hello", func(c *echo.Context) error {
		claims, _ := jwtmw.FromContext(c)
		return c.String(http.StatusOK, "hello "+claims.Subject)
	})

	r := httptest.NewRequest("GET", "/hello", nil)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"), w.Body)

	r.Header.Set("Authorization", "Bearer "+issuer.Token(nil))
	w = httptest.NewRecorder()
	e.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)

	// Output:
	// 401 Bearer {"type":"about:blank","title":"Unauthorized","status":401,"detail":"a token is required","reason":"no_token"}
	// 200 hello alice
}
