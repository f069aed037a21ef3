//go:build !race

// Under the race detector sync.Pool drops what it is given at random, so that
// allocations are not what they are without it.

package core_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// What a good token costs beside its signature: its text, and the claims with
// their lists.
func TestAllocationsOfVerify(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	token := issuer.Token(map[string]any{"scope": "a b c"}, jwttest.Algorithm("HS256"))
	for _, test := range []struct {
		name   string
		tokens int // Config.TokenCache
		most   float64
	}{{"each time", 0, 2}, {"remembered", 1, 1}} {
		t.Run(test.name, func(t *testing.T) {
			v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Secret(issuer.Secret("HS256")), TokenCache: test.tokens})
			verify := func() {
				if _, err := v.Verify(context.Background(), token); err != nil {
					t.Fatal(err)
				}
			}
			if got := testing.AllocsPerRun(100, verify); got > test.most {
				t.Errorf("got %v allocations, want at most %v", got, test.most)
			}
		})
	}
}

// What a request costs beside its token: the context that carries the claims. Bound
// tokens cost those nothing that are not.
func TestAllocationsOfCheck(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	config := core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.Secret(issuer.Secret("HS256"))}
	guard := core.MustGuard(config)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+issuer.Token(map[string]any{"scope": "a b c"}, jwttest.Algorithm("HS256")))
	check := func() {
		if _, err := guard.Check(context.Background(), core.HTTPRequest(r)); err != nil {
			t.Fatal(err)
		}
	}
	if got := testing.AllocsPerRun(100, check); got > 3 {
		t.Errorf("got %v allocations, want at most 3", got)
	}
}

// What a flood of tokens costs that nobody signed: their header's text, and the refusal.
func TestAllocationsOfGarbage(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	v := mustNew(t, silent(issuer, nil))
	for _, test := range []struct {
		name, header string
		most         float64
	}{
		{"no JSON", "this is no JSON", 3},
		{"no object", `["RS256"]`, 3},
		{"no alg", `{"typ":"JWT"}`, 3},
		{"an object that does not end", `{"alg":"RS256"`, 5},
		{"crit", `{"alg":"RS256","crit":[]}`, 5},
	} {
		token := jwttest.Compact([]byte(test.header), []byte("{}"), []byte("signature"))
		if got := testing.AllocsPerRun(100, func() { _, _ = v.Verify(context.Background(), token) }); got > test.most {
			t.Errorf("%s: got %v allocations, want at most %v", test.name, got, test.most)
		}
	}
}

// Neither a Trace nor its absence costs an allocation.
func TestTraceAllocatesNothing(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	good, bad := issuer.Token(nil), issuer.Token(map[string]any{"aud": "x"})
	allocations := func(trace *core.Trace, token string) float64 {
		v := mustNew(t, silent(issuer, trace))
		return testing.AllocsPerRun(100, func() { _, _ = v.Verify(context.Background(), token) })
	}
	heard := 0
	full := &core.Trace{
		TokenVerified: func(context.Context, string, *core.Claims) { heard++ },
		Refused:       func(context.Context, string, *core.Refusal) { heard++ },
	}
	for name, token := range map[string]string{"good": good, "bad": bad} {
		without := allocations(nil, token)
		for kind, trace := range map[string]*core.Trace{"empty": {}, "full": full} {
			if got := allocations(trace, token); got != without {
				t.Errorf("%s token, %s Trace: got %v allocations, want the %v of none", name, kind, got, without)
			}
		}
	}
	if heard != 2*101 { // AllocsPerRun warms up once
		t.Errorf("got %d calls, want 202", heard)
	}
}
