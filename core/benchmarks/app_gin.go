package main

import (
	"net/http"

	"github.com/gin-gonic/gin"

	jwtmw "github.com/jwtmw/jwtmw/gin"
)

// ginJWTTasks has gin-jwt as the peer.
func ginJWTTasks(f *fixture) (bare, own, peer task, err error) {
	bare, own, _, err = ginTasks(f)
	if err != nil {
		return
	}
	theirs, err := ginJWT(f)
	return bare, own, serve(f, "gin, gin-jwt", theirs), err
}

func ginTasks(f *fixture) (bare, own, peer task, err error) {
	verify, err := golangJWT(f)
	if err != nil {
		return
	}
	gin.SetMode(gin.ReleaseMode)
	alone := gin.New()
	alone.GET("/orders", func(c *gin.Context) { c.Status(http.StatusNoContent); c.Writer.WriteHeaderNow() })

	guarded := gin.New()
	guarded.Use(jwtmw.Gin(jwtmwConfig(f)))
	guarded.GET("/orders", func(c *gin.Context) {
		claims, ok := jwtmw.FromContext(c)
		c.Status(statusOf(ok && claims.Subject != ""))
		c.Writer.WriteHeaderNow()
	})

	handwritten := gin.New()
	handwritten.Use(func(c *gin.Context) {
		token, ok := bearerToken(c.GetHeader("Authorization"))
		if !ok {
			c.AbortWithStatus(http.StatusUnauthorized)
			return
		}
		claims, err := verify(token)
		if err != nil {
			c.AbortWithStatus(http.StatusUnauthorized)
			return
		}
		c.Set("claims", claims)
	})
	handwritten.GET("/orders", func(c *gin.Context) {
		claims, ok := c.MustGet("claims").(*golangClaims)
		c.Status(statusOf(ok && claims.Subject != ""))
		c.Writer.WriteHeaderNow()
	})
	return serve(f, "gin alone", alone), serve(f, "gin, jwtmw", guarded), serve(f, "gin, handwritten", handwritten), nil
}
