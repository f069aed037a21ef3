package endtoend

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/gin"
)

// serveGin runs the service under gin.
func serveGin(t *testing.T, listener net.Listener, guard core.Guard) {
	t.Helper()
	greet := func(c *gin.Context) {
		claims, _ := jwtmw.FromContext(c)
		c.String(http.StatusOK, greeting(claims))
	}
	gin.SetMode(gin.ReleaseMode) // prints no routes
	router := gin.New()
	router.Use(jwtmw.Guard(guard))
	router.GET("/", greet)
	router.GET("/ship", jwtmw.Require(core.Scope("orders:ship")), greet)

	server := httptest.NewUnstartedServer(router)
	_ = server.Listener.Close() // it has one of its own
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
}
