package core_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/netip"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// get is a GET request with these header lines, name and value in turn.
func get(lines ...string) core.Request {
	header := http.Header{}
	for i := 0; i < len(lines); i += 2 {
		header.Add(lines[i], lines[i+1])
	}
	return fake{"GET", "api.test", "", header}
}

// fake is a core.Request of a framework that hands on whatever came in.
type fake struct {
	method, host, query string
	header              http.Header
}

func (f fake) Method() string              { return f.method }
func (f fake) Host() string                { return f.host }
func (f fake) Path() string                { return "/" }
func (f fake) Query() string               { return f.query }
func (f fake) TLS() *tls.ConnectionState   { return nil }
func (f fake) RemoteAddr() netip.AddrPort  { return netip.AddrPort{} }
func (f fake) Header(name string) []string { return f.header.Values(name) }

// C12: a Guard that is not set up refuses everything, and blames the service.
func TestZeroGuard(t *testing.T) {
	s := newStage(t, nil)
	good := get("Authorization", "Bearer "+s.Token(nil))
	for _, test := range []struct {
		name    string
		guard   core.Guard
		request core.Request
	}{
		{"C12 zero Guard", core.Guard{}, good},
		{"C12 zero Guard, no token", core.Guard{}, get()},
		{"C12 zero Guard, Optional", core.Guard{Optional: true}, get()},
		{"C12 zero Verifier", core.Guard{Verifier: new(core.Verifier)}, good},
		{"C12 zero Verifier, Optional", core.Guard{Verifier: new(core.Verifier), Optional: true}, get()},
		{"nil request", core.Guard{Verifier: s.verifier}, nil},
		{"nil token source", core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{nil}}, good},
		{"nil token source after a token", core.Guard{Verifier: s.verifier, Tokens: []core.TokenSource{core.FromBearer(), nil}}, good},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, err := test.guard.Check(t.Context(), test.request)
			if r := core.RefusalOf(err); r == nil || r.Status != 500 || r.Reason != core.ReasonMisconfigured || r.Challenge != "" {
				t.Errorf("got %+v, want 500 misconfigured", r)
			}
			if _, ok := core.FromContext(ctx); ok || ctx != t.Context() {
				t.Error("got claims or another context, want the context as it was")
			}
		})
	}
}

func TestCheck(t *testing.T) {
	s := newStage(t, nil)
	good := s.Token(nil)
	expired := s.Token(map[string]any{"exp": 1})
	for _, test := range []struct {
		name     string
		optional bool
		request  core.Request
		reason   core.Reason
		subject  string
	}{
		{"good", false, get("Authorization", "Bearer "+good), "", "alice"},
		{"bad", false, get("Authorization", "Bearer "+expired), core.ReasonExpired, ""},
		{"none", false, get(), core.ReasonNoToken, ""},
		{"another scheme", false, get("Authorization", "Basic Yjpi"), core.ReasonNoToken, ""},
		{"malformed", false, get("Authorization", "Bearer"), core.ReasonMalformedRequest, ""},
		{"C01 two headers", false, get("Authorization", "Bearer "+good, "Authorization", "Bearer "+good), core.ReasonMultipleTokens, ""},
		{"optional, good", true, get("Authorization", "Bearer "+good), "", "alice"},
		{"optional, bad", true, get("Authorization", "Bearer "+expired), core.ReasonExpired, ""},
		{"optional, none", true, get(), "", ""},
		{"optional, another scheme", true, get("Authorization", "Basic Yjpi"), "", ""},
		{"optional, malformed", true, get("Authorization", "Bearer"), core.ReasonMalformedRequest, ""},
		{"optional, two headers", true, get("Authorization", "Basic Yjpi", "Authorization", "Bearer "+good), core.ReasonMultipleTokens, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, err := core.Guard{Verifier: s.verifier, Optional: test.optional}.Check(t.Context(), test.request)
			if reasonOf(err) != test.reason {
				t.Fatalf("got %q, want %q", reasonOf(err), test.reason)
			}
			c, ok := core.FromContext(ctx)
			if ok != (test.subject != "") || ok && c.Subject != test.subject {
				t.Errorf("got claims %v, want those of %q", c, test.subject)
			}
			// C11: nothing is left behind by a refusal.
			if err != nil && ctx != t.Context() {
				t.Error("got another context with a refusal, want the one that was given")
			}
		})
	}
}

// An inner Guard speaks for itself: it neither inherits nor keeps claims of an
// outer one when nobody is there for it.
func TestGuardInsideGuard(t *testing.T) {
	s := newStage(t, nil)
	outer, err := core.Guard{Verifier: s.verifier}.Check(t.Context(), get("Authorization", "Bearer "+s.Token(nil)))
	if err != nil {
		t.Fatal(err)
	}
	inner, err := core.Guard{Verifier: s.verifier, Optional: true, Tokens: []core.TokenSource{core.FromHeader("X-Second")}}.
		Check(outer, get())
	if c, ok := core.FromContext(inner); err != nil || ok {
		t.Errorf("got %v, %v, want nobody", c, err)
	}
}

// The context that Check was given lives on in the one that it returns.
func TestCheckKeepsContext(t *testing.T) {
	s := newStage(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	checked, err := core.Guard{Verifier: s.verifier}.Check(ctx, get("Authorization", "Bearer "+s.Token(nil, jwttest.Algorithm("ES256"))))
	cancel()
	if err != nil || checked.Err() != context.Canceled {
		t.Errorf("got %v, %v, want a context that ends with the request's", err, checked.Err())
	}
}
