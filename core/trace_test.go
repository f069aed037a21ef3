package core_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// ledger keeps what a Trace is told, in words.
type ledger struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (l *ledger) trace() *core.Trace {
	return &core.Trace{
		TokenVerified: func(_ context.Context, issuer string, c *core.Claims) { l.add("verified %q %s", issuer, c.Subject) },
		Refused:       func(_ context.Context, issuer string, r *core.Refusal) { l.add("refused %q %s", issuer, r.Reason) },
		KeysFetched: func(f core.KeyFetch) {
			outcome := "well"
			if f.Err != nil {
				outcome = "ill"
			}
			l.add("fetched %q %s in %s, %d keys, skipped %v", f.Issuer, outcome, f.Duration, f.Keys, f.Skipped)
		},
		KeysChanged:  func(c core.KeyChange) { l.add("changed %q %d +%d -%d", c.Issuer, c.Keys, c.Added, c.Removed) },
		StateChanged: func(s core.StateChange) { l.add("state %q %s to %s", s.Issuer, s.From, s.To) },
	}
}

func (l *ledger) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

// want compares what was told since the last call.
func (l *ledger) want(t *testing.T, lines ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.lines, lines) {
		t.Errorf("got %q, want %q", l.lines, lines)
	}
	l.lines = nil
}

// silent is a Config of keys in hand, of which a Trace hears nothing.
func silent(issuer *jwttest.Issuer, trace *core.Trace) core.Config {
	return core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(issuer.JWKS()), Trace: trace}
}

func TestTraceOfToken(t *testing.T) {
	var l ledger
	issuer := jwttest.NewIssuer("")
	config := silent(issuer, l.trace())
	config.TokenCache = 1
	v := mustNew(t, config)
	for _, test := range []struct{ name, token, want string }{
		{"good", issuer.Token(nil), `verified "https://issuer.test" alice`},
		{"remembered", issuer.Token(nil), `verified "https://issuer.test" alice`},
		{"no token at all", "x", `refused "" malformed_token`},
		{"another issuer", issuer.Token(map[string]any{"iss": "https://mallory.test"}), `refused "" wrong_issuer`},
		{"another audience", issuer.Token(map[string]any{"aud": "x"}), `refused "https://issuer.test" wrong_audience`},
		{"another key", issuer.Token(nil, jwttest.KeyID("x")), `refused "https://issuer.test" unknown_key`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _ = v.Verify(t.Context(), test.token)
			l.want(t, test.want)
		})
	}
}

func TestTraceOfRequest(t *testing.T) {
	var l ledger
	issuer := jwttest.NewIssuer("")
	v := mustNew(t, silent(issuer, l.trace()))
	good := "Bearer " + issuer.Token(nil)
	for _, test := range []struct {
		name    string
		guard   core.Guard
		request core.Request
		require core.Requirement
		want    []string
	}{
		{"good", core.Guard{}, get("Authorization", good), core.All(), []string{`verified "https://issuer.test" alice`}},
		{"no token", core.Guard{}, get(), nil, []string{`refused "" no_token`}},
		{"two tokens", core.Guard{}, get("Authorization", good, "Authorization", good), nil, []string{`refused "" multiple_tokens`}},
		{"bad token", core.Guard{}, get("Authorization", "Bearer x"), nil, []string{`refused "" malformed_token`}},
		{"requirement", core.Guard{}, get("Authorization", good), core.Scope("a"),
			[]string{`verified "https://issuer.test" alice`, `refused "https://issuer.test" insufficient_scope`}},
		{"optional", core.Guard{Optional: true}, get(), nil, nil},
		{"requirement of nobody", core.Guard{Optional: true}, get(), core.Scope("a"), []string{`refused "" no_token`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.guard.Verifier = v
			ctx, err := test.guard.Check(t.Context(), test.request)
			if err == nil && test.require != nil {
				_ = core.Require(ctx, test.require)
			}
			l.want(t, test.want...)
		})
	}
}

// The Trace gets the very refusal that the caller gets, when it is complete: it
// may keep it without a race.
func TestTraceGetsTheFinalRefusal(t *testing.T) {
	var told *core.Refusal
	var challenge string
	issuer := jwttest.NewIssuer("")
	v := mustNew(t, silent(issuer, &core.Trace{Refused: func(_ context.Context, _ string, r *core.Refusal) {
		told, challenge = r, r.Challenge
	}}))
	guard := core.Guard{Verifier: v, Realm: "orders"}
	ctx, err := guard.Check(t.Context(), get("Authorization", "Bearer "+issuer.Token(nil)))
	if err != nil {
		t.Fatal(err)
	}
	for name, refuse := range map[string]func() error{
		"no token":    func() error { _, err := guard.Check(t.Context(), get()); return err },
		"bad token":   func() error { _, err := guard.Check(t.Context(), get("Authorization", "Bearer x")); return err },
		"requirement": func() error { return core.Require(ctx, core.Scope("a")) },
		"verify":      func() error { _, err := v.Verify(t.Context(), "x"); return err },
	} {
		got := core.RefusalOf(refuse())
		if got != told || got.Challenge != challenge {
			t.Errorf("%s: got %v with %q told, want %v with %q", name, told, challenge, got, got.Challenge)
		}
	}
}

// Each issuer has its own Trace; what happens before the issuer is known goes
// to the first.
func TestTraceOfIssuers(t *testing.T) {
	var first, second ledger
	a, b := jwttest.NewIssuer("https://a.test"), jwttest.NewIssuer("https://b.test")
	v := mustNew(t, silent(a, first.trace()), silent(b, second.trace()))
	guard := core.Guard{Verifier: v}
	for _, test := range []struct {
		name, token   string
		first, second []string
	}{
		{"a", a.Token(nil), []string{`verified "https://a.test" alice`, `refused "https://a.test" insufficient_scope`}, nil},
		{"b", b.Token(nil), nil, []string{`verified "https://b.test" alice`, `refused "https://b.test" insufficient_scope`}},
		{"neither", "x", []string{`refused "" malformed_token`}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if ctx, err := guard.Check(t.Context(), get("Authorization", "Bearer "+test.token)); err == nil {
				_ = core.Require(ctx, core.Scope("a"))
			}
			first.want(t, test.first...)
			second.want(t, test.second...)
		})
	}
}

func TestTraceOfTenants(t *testing.T) {
	var common, own ledger
	e := newEstate()
	a, b := e.tenant("a"), e.tenant("b")
	e.setEdit(func(_ context.Context, c *core.Config) error {
		c.Keys = core.JWKSDocument(e.issuers[c.Issuer].JWKS())
		if c.Issuer == b.URL() {
			c.Trace = own.trace()
		}
		return nil
	})
	guard := core.Guard{Verifier: e.verifier(t, func(ts *core.Tenants) { ts.Trace = common.trace() })}
	for _, token := range []string{a.Token(nil), b.Token(nil), "x"} {
		if ctx, err := guard.Check(t.Context(), get("Authorization", "Bearer "+token)); err == nil {
			_ = core.Require(ctx, core.Scope("a"))
		}
	}
	common.want(t, `verified "https://a.tenants.test" alice`, `refused "https://a.tenants.test" insufficient_scope`, `refused "" malformed_token`)
	own.want(t, `verified "https://b.tenants.test" alice`, `refused "https://b.tenants.test" insufficient_scope`)
}

// What concerns a tenant goes where the first fixed Config says, if nothing else does.
func TestTraceAndLogOfTenantsByDefault(t *testing.T) {
	var l ledger
	var log logbook
	e, fixed := newEstate(), jwttest.NewIssuer("")
	a := e.tenant("a")
	e.setEdit(func(_ context.Context, c *core.Config) error { c.Keys = core.JWKSDocument(a.JWKS()); return nil })
	first := silent(fixed, l.trace())
	first.Logger = log.logger()
	v := e.verifier(t, func(ts *core.Tenants) { ts.Logger = nil }, first)
	for _, token := range []string{a.Token(nil), a.Token(map[string]any{"aud": "x"}), "x"} {
		_, _ = v.Verify(t.Context(), token)
	}
	l.want(t, `verified "https://a.tenants.test" alice`, `refused "https://a.tenants.test" wrong_audience`, `refused "" malformed_token`)
	if lines := log.take(t); len(lines) != 2 || lines[0].Issuer != a.URL() || lines[1].Issuer != "" {
		t.Errorf("got %v, want a line for each refused token", lines)
	}
}

// A Trace is copied with its Config, and what it leaves out is skipped.
func TestTraceIsCopied(t *testing.T) {
	var l ledger
	issuer := jwttest.NewIssuer("")
	trace := &core.Trace{}
	v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Trace: trace,
		Keys: core.Discovery{Fetch: core.Fetch{Client: issuer.Client()}}})
	*trace = *l.trace()
	_, errGood := v.Verify(t.Context(), issuer.Token(nil))
	_, errBad := v.Verify(t.Context(), "x")
	if errGood != nil || !errors.Is(errBad, core.ErrInvalidToken) {
		t.Errorf("got %v and %v, want the good token to pass and the bad one not", errGood, errBad)
	}
	l.want(t)
}
