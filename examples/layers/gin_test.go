package layers

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	jwtmw "github.com/jwtmw/jwtmw/gin"
)

// Under gin the layer gets the request's context, not the *gin.Context, which
// is used again for other requests.
func Example_gin() {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(jwtmw.Gin(config()))
	router.POST("/orders/:item", func(c *gin.Context) {
		placed, err := Orders{}.Place(c.Request.Context(), c.Param("item"))
		if err != nil {
			jwtmw.Refuse(c, err)
			return
		}
		c.String(http.StatusOK, placed)
	})

	for _, scope := range []string{"orders:write", "orders:read"} {
		r := httptest.NewRequest(http.MethodPost, "/orders/tea", nil)
		r.Header.Set("Authorization", "Bearer "+token(scope))
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 tea for alice of acme, tier 2
	// 403 {"type":"about:blank","title":"Forbidden","status":403,"detail":"the token does not grant a required scope","reason":"insufficient_scope"}
}
