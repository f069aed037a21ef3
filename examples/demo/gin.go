package main

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/gin"
)

// ginHandler answers with the claims of whoever asks, under gin.
func ginHandler(guard core.Guard) http.Handler {
	claims := func(c *gin.Context) {
		claims, _ := jwtmw.FromContext(c)
		c.JSON(http.StatusOK, claims)
	}
	gin.SetMode(gin.ReleaseMode) // prints no routes
	router := gin.New()
	router.Use(jwtmw.Guard(guard))
	router.GET("/", claims)
	router.GET("/orders", jwtmw.Require(core.Scope(ordersScope)), claims)
	return router
}
