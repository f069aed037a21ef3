package jwtmw_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

func TestAdapter(t *testing.T) {
	jwttest.TestAdapter(t, func(l net.Listener, routes []jwttest.Route) error {
		mux := http.NewServeMux()
		for _, route := range routes {
			mux.Handle(route.Path, handlerOf(route))
		}
		return http.Serve(l, mux)
	})
}

func handlerOf(route jwttest.Route) http.Handler {
	if route.Metadata != nil {
		return jwtmw.ResourceMetadata(*route.Metadata)
	}
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, ok := jwtmw.FromContext(r.Context())
		json.NewEncoder(w).Encode(route.See(claims, ok, r.Context()))
	})
	if len(route.Requirements) > 0 {
		handler = jwtmw.Require(route.Requirements...)(handler)
	}
	if route.Guard != nil {
		handler = jwtmw.Guard(*route.Guard)(handler)
	}
	return handler
}

func TestGuardWritesWhatItIsGiven(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	guard := jwtmw.Guard(core.MustGuard(issuer.Config()), func(w http.ResponseWriter, r *http.Request, refusal *core.Refusal) {
		w.WriteHeader(refusal.Status)
		fmt.Fprintf(w, "%s: %s", r.URL.Path, refusal.Reason)
	})
	handler := guard(jwtmw.Require(core.Scope("admin"))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		jwtmw.Refuse(w, r, fmt.Errorf("the layer below: %w", core.Require(r.Context(), core.Role("owner"))))
	})))
	tests := []struct {
		name, token, body string
		status            int
	}{
		{"by the guard", "", "/orders: no_token", 401},
		{"by a Require inside it", issuer.Token(nil), "/orders: insufficient_scope", 403},
		{"by the handler", issuer.Token(map[string]any{"scope": "admin"}), "/orders: forbidden", 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := send(handler, test.token)
			if w.Code != test.status || w.Body.String() != test.body {
				t.Errorf("got %d %q, want %d %q", w.Code, w.Body, test.status, test.body)
			}
			if !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("got WWW-Authenticate %q, want a challenge", w.Header().Get("WWW-Authenticate"))
			}
		})
	}
}

func TestGuardWithoutAFunction(t *testing.T) {
	handler := jwtmw.Guard(core.MustGuard(jwttest.NewIssuer("").Config()), nil)(unreachable(t))
	if w := send(handler, ""); w.Code != 401 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d with %q, want 401 with application/problem+json", w.Code, w.Header().Get("Content-Type"))
	}
}

func TestPanicPassesThrough(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	handler := jwtmw.NetHTTP(issuer.Config())(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("the handler's own") }))
	defer func() {
		if got := recover(); got != "the handler's own" {
			t.Errorf("got panic %v, want the handler's own", got)
		}
	}()
	send(handler, issuer.Token(nil))
}

func TestMistakesPanicAtStartUp(t *testing.T) {
	for name, start := range map[string]func(){
		"NetHTTP":          func() { jwtmw.NetHTTP(jwtmw.Config{}) },
		"ResourceMetadata": func() { jwtmw.ResourceMetadata(core.ResourceMetadata{}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("got no panic, want one")
				}
			}()
			start()
		})
	}
}

func unreachable(t *testing.T) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the handler ran, want a refusal") })
}

func send(handler http.Handler, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/orders", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}
