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
	"github.com/jwtmw/jwtmw/core/jwttest/adaptertest"
	jwtmw "github.com/jwtmw/jwtmw/nethttp"
)

func TestAdapter(t *testing.T) {
	adaptertest.TestAdapter(t, func(l net.Listener, routes []adaptertest.Route) error {
		mux := http.NewServeMux()
		for _, route := range routes {
			mux.Handle(route.Path, handlerOf(route))
		}
		return http.Serve(l, mux)
	})
}

func TestRequest(t *testing.T) {
	adaptertest.TestRequest(t, func(l net.Listener, see func(core.Request)) error {
		return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			see(core.HTTPRequest(r))
			w.WriteHeader(http.StatusNoContent)
		}))
	})
}

func handlerOf(route adaptertest.Route) http.Handler {
	if route.Metadata != nil {
		return jwtmw.ResourceMetadata(*route.Metadata)
	}
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, ok := jwtmw.FromContext(r.Context())
		json.NewEncoder(w).Encode(route.See(claims, ok, nil, r.Context()))
	})
	if len(route.Requirements) > 0 {
		handler = jwtmw.Require(route.Requirements...)(handler)
	}
	if route.Guard != nil {
		handler = jwtmw.Guard(*route.Guard)(handler)
	}
	if len(route.Configs) > 0 {
		handler = jwtmw.NetHTTP(route.Configs...)(handler)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer route.Recover()
		handler.ServeHTTP(w, r)
	})
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

func TestGuardWithTwoFunctions(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "2 functions") {
			t.Errorf("got panic %q, want one that counts 2 functions", got)
		}
	}()
	jwtmw.Guard(core.MustGuard(jwttest.NewIssuer("").Config()), nil, nil)
}

// T21: a service layer that forgot its error.
func TestRefuseWithoutAnError(t *testing.T) {
	w := send(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { jwtmw.Refuse(w, r, nil) }), "")
	if w.Code != 500 || !strings.Contains(w.Body.String(), `"reason":"internal_error"`) {
		t.Errorf("got %d %s, want 500 and reason internal_error", w.Code, w.Body)
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
