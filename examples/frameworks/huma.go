package frameworks

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/jwtmw/jwtmw/core"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

// Huma is a service under huma, on the standard library's router; on chi it is
// the same with humachi. The guard of net/http stands around everything that huma
// serves, its document and its pages included. The scopes of an operation stand in
// its OpenAPI Security, which is what clients read, and are held by requireScopes.
func Huma(g core.Guard) http.Handler {
	inner := http.NewServeMux()
	config := huma.DefaultConfig("Orders", "1.0.0")
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/api/openapi", "/api/docs", "/api/schemas"
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"jwt": {Type: "http", Scheme: "bearer", BearerFormat: "JWT"}}
	api := humago.New(inner, config)
	api.UseMiddleware(requireScopes)

	huma.Register(api, huma.Operation{OperationID: "hello", Method: http.MethodGet, Path: "/api/hello"}, subjectOf)
	huma.Register(api, huma.Operation{OperationID: "orders", Method: http.MethodGet, Path: "/api/orders",
		Security: []map[string][]string{{"jwt": {"orders:read"}}}}, subjectOf)
	huma.Register(api, huma.Operation{OperationID: "owner", Method: http.MethodGet, Path: "/api/owner"}, ownerOnly)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthy)
	mux.Handle("/api/", jwtmw.Guard(g)(inner))
	return mux
}

// requireScopes holds an operation's Security: one of its entries suffices, and of
// that every scope.
func requireScopes(c huma.Context, next func(huma.Context)) {
	var alternatives []core.Requirement
	for _, entry := range c.Operation().Security {
		alternatives = append(alternatives, core.Scope(entry["jwt"]...))
	}
	if len(alternatives) > 0 {
		if err := core.Require(c.Context(), core.Any(alternatives...)); err != nil {
			r, w := humago.Unwrap(c)
			jwtmw.Refuse(w, r, err)
			return
		}
	}
	next(c)
}

type subjectOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func subjectOf(ctx context.Context, _ *struct{}) (*subjectOutput, error) {
	claims, _ := jwtmw.FromContext(ctx)
	return &subjectOutput{"text/plain", []byte(claims.Subject)}, nil
}

// ownerOnly asks in the handler, where what is asked depends on more than the route.
func ownerOnly(ctx context.Context, in *struct{}) (*subjectOutput, error) {
	if err := core.Require(ctx, core.Role("owner")); err != nil {
		return nil, humaError(err)
	}
	return subjectOf(ctx, in)
}

// humaError is err as huma writes it: a refusal with its status, headers and problem
// document.
func humaError(err error) error {
	if _, refused := errors.AsType[*core.Refusal](err); !refused {
		return err
	}
	return humaRefusal{core.RefusalOf(err)} // of status 500 where a handler returned a nil one
}

type humaRefusal struct{ *core.Refusal }

func (r humaRefusal) GetStatus() int { return r.Status }

func (r humaRefusal) GetHeaders() http.Header {
	header := make(http.Header)
	r.SetHeaders(header.Set)
	return header
}

// ContentType is asked by huma for the media type of the body.
func (r humaRefusal) ContentType(string) string { return "application/problem+json" }
