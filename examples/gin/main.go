// Command gin is a gin service that takes the tokens of one issuer:
//
//	JWT_ISSUER=https://login.example.com/ JWT_AUDIENCE=https://api.example.com go run ./examples/gin
package main

import (
	"cmp"
	"log"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/gin"
)

func main() {
	config, err := core.ConfigFromEnv("JWT")
	if err != nil {
		log.Fatal(err)
	}
	router := gin.Default()
	router.Use(jwtmw.Gin(config))
	router.GET("/hello", func(c *gin.Context) {
		claims, _ := jwtmw.FromContext(c)
		c.String(http.StatusOK, "hello %s\n", claims.Subject)
	})
	router.GET("/orders", jwtmw.Require(core.Scope("orders:read")), orders)
	log.Fatal(router.Run(cmp.Or(os.Getenv("ADDR"), ":8080")))
}

func orders(c *gin.Context) { c.String(http.StatusOK, "your orders\n") }
