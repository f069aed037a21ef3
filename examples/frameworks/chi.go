package frameworks

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// Chi is a service under chi. The guard stands on a route and its subtree, not
// on the whole router, so that the health check stays open.
func Chi(g core.Guard) http.Handler {
	router := chi.NewRouter()
	router.Get("/healthz", healthy)
	router.Route("/api", func(r chi.Router) {
		r.Use(jwtmw.Guard(g))
		r.Get("/hello", hello)
		r.With(jwtmw.Require(core.Scope("orders:read"))).Get("/orders", orders)
	})
	return router
}
