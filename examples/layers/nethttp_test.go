package layers

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// Under net/http the layer gets the request's context. Its refusal is answered
// as the guard would.
func Example_nethttp() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders/{item}", func(w http.ResponseWriter, r *http.Request) {
		placed, err := Orders{}.Place(r.Context(), r.PathValue("item"))
		if err != nil {
			jwtmw.Refuse(w, r, err)
			return
		}
		fmt.Fprint(w, placed)
	})
	handler := jwtmw.NetHTTP(config())(mux)

	for _, scope := range []string{"orders:write", "orders:read"} {
		r := httptest.NewRequest(http.MethodPost, "/orders/tea", nil)
		r.Header.Set("Authorization", "Bearer "+token(scope))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 tea for alice of acme, tier 2
	// 403 {"type":"about:blank","title":"Forbidden","status":403,"detail":"the token does not grant a required scope","reason":"insufficient_scope"}
}
