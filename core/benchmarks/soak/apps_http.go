package main

import (
	"io"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"
	echov4 "github.com/labstack/echo/v4"
	"github.com/labstack/echo/v5"

	"github.com/jwtmw/jwtmw/core"
	jwtmwecho "github.com/jwtmw/jwtmw/echo"
	jwtmwechov4 "github.com/jwtmw/jwtmw/echo/echov4"
	jwtmwgin "github.com/jwtmw/jwtmw/gin"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

func serveNetHTTP(l net.Listener, g core.Guard) func() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		claims, _ := jwtmw.FromContext(r.Context())
		_, _ = io.WriteString(w, claims.Subject) // fails only if the client has left
	})
	return serveHTTP(l, jwtmw.Guard(g)(mux))
}

func serveGin(l net.Listener, g core.Guard) func() {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(jwtmwgin.Guard(g))
	router.GET(path, func(c *gin.Context) {
		claims, _ := jwtmwgin.FromContext(c)
		c.String(http.StatusOK, "%s", claims.Subject)
	})
	return serveHTTP(l, router)
}

func serveEcho(l net.Listener, g core.Guard) func() {
	e := echo.New()
	e.HTTPErrorHandler = jwtmwecho.ErrorHandler
	e.Use(jwtmwecho.Guard(g))
	e.GET(path, func(c *echo.Context) error {
		claims, _ := jwtmwecho.FromContext(c)
		return c.String(http.StatusOK, claims.Subject)
	})
	return serveHTTP(l, e)
}

func serveEchoV4(l net.Listener, g core.Guard) func() {
	e := echov4.New()
	e.HTTPErrorHandler = jwtmwechov4.ErrorHandler
	e.Use(jwtmwechov4.Guard(g))
	e.GET(path, func(c echov4.Context) error {
		claims, _ := jwtmwechov4.FromContext(c)
		return c.String(http.StatusOK, claims.Subject)
	})
	return serveHTTP(l, e)
}
