package recipes

import (
	"net/http"

	"github.com/gin-gonic/gin"

	jwtmw "github.com/jwtmw/jwtmw/gin"
)

// CORS stands on the engine, so that it also runs for OPTIONS, which has no
// route. The guard stands on the group, given to Group so that no route can be
// added before it. An OPTIONS request that is no preflight finds no route.
func Example_gin() {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(ginCORS)
	router.GET("/healthz", func(*gin.Context) {})

	api := router.Group("/api", jwtmw.Gin(config()))
	api.GET("/orders", func(*gin.Context) {})
	visitHandler(router)
	// Output:
	// health    200 readable=false
	// preflight 204 readable=true
	// no token  401 readable=true
	// token     200 readable=true
	// OPTIONS   404 readable=false
}

func ginCORS(c *gin.Context) {
	c.Writer.Header().Add("Vary", "Origin")
	if c.GetHeader("Origin") == page {
		c.Header("Access-Control-Allow-Origin", page)
		c.Header("Access-Control-Expose-Headers", "WWW-Authenticate")
	}
	if c.Request.Method == http.MethodOptions && c.GetHeader("Access-Control-Request-Method") != "" {
		c.Header("Access-Control-Allow-Headers", "Authorization")
		c.AbortWithStatus(http.StatusNoContent)
	}
}
