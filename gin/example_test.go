package jwtmw_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/gin"
)

func ExampleGin() {
	issuer := jwttest.NewIssuer("") // stands in for your identity provider

	router := gin.New()
	router.Use(jwtmw.Gin(jwtmw.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}, // only for a stand-in
	}))
	router.GET("/hello", func(c *gin.Context) {
		claims, _ := jwtmw.FromContext(c)
		c.String(http.StatusOK, "hello %s", claims.Subject)
	})

	r := httptest.NewRequest("GET", "/hello", nil)
	w := httptest.NewRecorder()
	router.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"), w.Body)

	r.Header.Set("Authorization", "Bearer "+issuer.Token(nil))
	w = httptest.NewRecorder()
	router.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)

	// Output:
	// 401 Bearer {"type":"about:blank","title":"Unauthorized","status":401,"detail":"a token is required","reason":"no_token"}
	// 200 hello alice
}

// A route that is registered before Use has no guard: gin does not add
// middleware to routes that exist already.
func ExampleGin_incorrect() {
	issuer := jwttest.NewIssuer("")

	router := gin.New()
	router.GET("/before", func(c *gin.Context) { c.String(http.StatusOK, "anyone may read this") })
	router.Use(jwtmw.Gin(jwtmw.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}},
	}))
	router.GET("/after", func(c *gin.Context) { c.String(http.StatusOK, "nobody reads this without a token") })

	for _, path := range []string{"/before", "/after"} {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(path, w.Code)
	}

	// Output:
	// /before 200
	// /after 401
}

// One route may ask for more than a valid token.
func ExampleRequire() {
	issuer := jwttest.NewIssuer("")

	router := gin.New()
	router.Use(jwtmw.Gin(jwtmw.Config{
		Issuer:    issuer.URL(),
		Audiences: []string{jwttest.Audience},
		Keys:      core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}},
	}))
	router.POST("/ship", jwtmw.Require(core.Scope("orders:ship")), func(c *gin.Context) { c.String(http.StatusOK, "shipped") })

	for _, scope := range []string{"orders:read", "orders:read orders:ship"} {
		r := httptest.NewRequest("POST", "/ship", nil)
		r.Header.Set("Authorization", "Bearer "+issuer.Token(map[string]any{"scope": scope}))
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"))
	}

	// Output:
	// 403 Bearer error="insufficient_scope", error_description="the token does not grant a required scope", scope="orders:ship"
	// 200
}
