package core_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// What a careful person may still write, and what must not come of it.

// T1: append twice to one slice, and the second call writes into the first's.
func TestT1SlicesAreCopied(t *testing.T) {
	s := newStage(t, nil)
	user := verified(t, `"roles":["user"]`)
	for name, group := range map[string]func(...core.Requirement) core.Requirement{"All": core.All, "Any": core.Any} {
		base := make([]core.Requirement, 0, 2)
		admin := group(append(base, core.Role("admin"))...)
		_ = group(append(base, core.Role("user"))...)
		if err := core.Require(core.NewContext(t.Context(), user), admin); err == nil {
			t.Errorf("%s: got a user past the requirement of an admin", name)
		}
	}
	tokens := []core.TokenSource{core.FromHeader("X-Jwt")}
	guard := core.Guard{Verifier: s.verifier, Tokens: tokens}.MustValidate()
	tokens[0] = core.FromBearer()
	if _, err := guard.Check(t.Context(), get("Authorization", "Bearer "+s.Token(nil))); reasonOf(err) != core.ReasonNoToken {
		t.Errorf("got %q, want the sources that the guard was mounted with", reasonOf(err))
	}
}

// T5: what a session gives back grants nothing that the token did not.
func TestT5ClaimsSurviveASession(t *testing.T) {
	c := verified(t, `"scope":"a","ISSUER":"x","Scopes":["admin"],"roles":["r"],"n":1e400`)
	stored, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back core.Claims
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	if back.Issuer != c.Issuer || back.Subject != c.Subject || strings.Join(back.Scopes, " ") != "a" || !back.Expiry.Equal(c.Expiry) {
		t.Errorf("got %+v, want the claims as they were", back)
	}
	ctx := core.NewContext(t.Context(), &back)
	if err := core.Require(ctx, core.Role("r"), core.Scope("a")); err != nil {
		t.Errorf("got %v, want what the token granted", err)
	}
	if err := core.Require(ctx, core.Scope("admin")); err == nil {
		t.Error("got a scope that only a custom claim names")
	}
	for _, payload := range []string{`null`, `[]`, `"x"`, `{"sub":1}`, `{"a":1,"a":2}`, `{"exp":"1"}`, `{`, ``, `{} {}`} {
		var c core.Claims
		if err := c.UnmarshalJSON([]byte(payload)); err == nil {
			t.Errorf("got %q read as %+v, want an error", payload, c)
		}
	}
	text := []byte(`{"sub":"alice"}`)
	if err := back.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	copy(text, `{"sub":"mallo"}`)
	if sub, _ := back.Lookup("sub"); sub != "alice" {
		t.Errorf("got %v, want claims of their own", sub)
	}
}

// T9: what runs inside of a verification sees the claims of its own token, not
// those that an outer guard left.
func TestT9OwnClaimsInContext(t *testing.T) {
	outer := verified(t, `"scope":"admin","jti":"outer"`)
	var seen []string
	see := func(ctx context.Context) {
		c, _ := core.FromContext(ctx)
		seen = append(seen, c.ID)
	}
	inner := newStage(t, func(c *core.Config) {
		c.RequireClaims = []core.Requirement{core.Func(func(ctx context.Context, _ *core.Claims) error {
			see(ctx)
			return core.Require(ctx, core.Scope("admin"))
		})}
		c.Revoked = func(ctx context.Context, _ *core.Claims) (bool, error) { see(ctx); return false, nil }
	})
	ctx := core.NewContext(t.Context(), outer)
	if _, err := inner.verifier.Verify(ctx, inner.Token(map[string]any{"jti": "inner"})); reasonOf(err) != core.ReasonInsufficientScope {
		t.Errorf("got %q, want a token without the scope refused whoever stands before it", reasonOf(err))
	}
	if _, err := inner.verifier.Verify(ctx, inner.Token(map[string]any{"jti": "inner", "scope": "admin"})); err != nil {
		t.Errorf("got %v, want the token's own scope to count", err)
	}
	if got := strings.Join(seen, " "); got != "inner inner inner" {
		t.Errorf("got %q, want the token's own claims each time", got)
	}
}

// T10: a cause lends its sentinel to no refusal of another reason.
func TestT10CauseLendsNoSentinel(t *testing.T) {
	broken := errors.New("list down")
	for _, sentinel := range []error{core.ErrNoToken, core.ErrInvalidToken, core.ErrForbidden, core.ErrKeysUnavailable} {
		s := newStage(t, func(c *core.Config) {
			c.Revoked = func(context.Context, *core.Claims) (bool, error) {
				return false, fmt.Errorf("ask: %w: %w", sentinel, &timeout{broken})
			}
		})
		_, err := s.verifier.Verify(t.Context(), s.Token(nil))
		if reasonOf(err) != core.ReasonRevocationUnavailable || errors.Is(err, sentinel) {
			t.Errorf("got %q that is %v: %t", reasonOf(err), sentinel, errors.Is(err, sentinel))
		}
		if found, ok := errors.AsType[*timeout](err); !errors.Is(err, broken) || !ok || found.error != broken {
			t.Errorf("got %v, want its cause to be found", err)
		}
	}
}

type timeout struct{ error }

func (t *timeout) Unwrap() error { return t.error }

// T12: a logout token or a security event is no access token, whatever its typ.
func TestT12EventsAreNoAccess(t *testing.T) {
	events := map[string]any{"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}
	for name, profile := range map[string]core.Profile{"none": "", "ID token": core.ProfileIDToken} {
		s := newStage(t, func(c *core.Config) { c.Profile = profile })
		for _, option := range []jwttest.TokenOption{jwttest.Type("JWT"), jwttest.Header(map[string]any{"typ": nil})} {
			if _, err := s.verifier.Verify(t.Context(), s.Token(events, option)); reasonOf(err) != core.ReasonWrongType {
				t.Errorf("profile %s: got %q, want wrong_type", name, reasonOf(err))
			}
		}
	}
}

// T13: what the log says of a foreign issuer was put in order once, by New.
func TestT13WrongIssuerCostsNoSorting(t *testing.T) {
	var configs []core.Config
	document := jwttest.NewIssuer("").JWKS()
	for n := range 2000 {
		configs = append(configs, core.Config{Issuer: fmt.Sprintf("https://%d.test", n), Audiences: []string{"a"}, Keys: core.JWKSDocument(document)})
	}
	v := mustNew(t, configs...)
	_, err := v.Verify(t.Context(), jwttest.NewIssuer("https://mallory.test").Token(nil))
	cause := errors.Unwrap(err)
	if cause == nil || !strings.Contains(cause.Error(), "https://0.test or https://1.test or ") || !strings.Contains(cause.Error(), "1992 more") {
		t.Fatalf("got %v, want the first eight", cause)
	}
	if got := testing.AllocsPerRun(10, func() { _ = cause.Error() }); got > 40 {
		t.Errorf("got %v allocations for a line, want it not to grow with the issuers", got)
	}
}

// T20: one number that no float64 holds spoils nothing around it.
func TestT20NumberTooLarge(t *testing.T) {
	c := verified(t, `"a":{"b":1e400,"c":2,"d":null,"e":[1,1e400,"x"]}`)
	for _, test := range []struct {
		path []string
		want string
		ok   bool
	}{
		{[]string{"a", "b"}, "null", false},
		{[]string{"a", "c"}, "2", true},
		{[]string{"a", "d"}, "null", true},
		{[]string{"a", "e"}, `[1,null,"x"]`, true},
		{[]string{"a"}, `{"b":null,"c":2,"d":null,"e":[1,null,"x"]}`, true},
	} {
		value, ok := c.Lookup(test.path...)
		text, _ := json.Marshal(value)
		if ok != test.ok || string(text) != test.want {
			t.Errorf("%q: got %s, %t, want %s, %t", test.path, text, ok, test.want, test.ok)
		}
	}
	if whole, ok := c.Lookup(); !ok || whole.(map[string]any)["sub"] != "alice" {
		t.Errorf("got %v, want the whole payload", whole)
	}
}

// T21: a wait longer than any header can say is still a number of seconds.
func TestT21RetryAfterDoesNotOverflow(t *testing.T) {
	got := ""
	(&core.Refusal{Status: 503, RetryAfter: 1<<63 - 1}).SetHeaders(func(_, value string) { got = value })
	if got != "9223372037" {
		t.Errorf("got %q, want 9223372037", got)
	}
}

// U10: a line that says what ClaimIn got and what it wants.
func TestU10ClaimInSaysBoth(t *testing.T) {
	for members, want := range map[string]string{
		`"tier":"tin"`:     `"tier": got "tin", want gold or 3`,
		`"tier":["a","b"]`: `"tier": got "[\"a\",\"b\"]", want gold or 3`,
		``:                 `"tier": got "none", want gold or 3`,
		`"tier":"` + strings.Repeat("x", 99) + `"`: `"tier": got "` + strings.Repeat("x", 64) + `...", want gold or 3`,
	} {
		err := core.Require(core.NewContext(t.Context(), verified(t, members)), core.ClaimIn([]string{"tier"}, "gold", 3))
		if cause := errors.Unwrap(err); cause == nil || cause.Error() != want {
			t.Errorf("got %v, want %s", cause, want)
		}
	}
}

// T11: the reasons tell a stranger which names are tenants. SECURITY.md says why
// that is decided so; this holds that nothing more is told.
func TestT11WhatAStrangerLearns(t *testing.T) {
	e := newEstate()
	known := e.tenant("known")
	v := e.verifier(t, nil)
	mallory := jwttest.NewIssuer("https://mallory.test")
	for issuer, want := range map[string]core.Reason{
		"https://unknown.tenants.test": core.ReasonWrongIssuer,
		"https://elsewhere.test":       core.ReasonWrongIssuer,
		known.URL():                    core.ReasonBadSignature,
	} {
		_, err := v.Verify(t.Context(), mallory.Token(map[string]any{"iss": issuer}, jwttest.KeyID(known.KeyID("RS256"))))
		if reasonOf(err) != want || strings.Contains(err.Error(), "tenant") {
			t.Errorf("%s: got %q (%v), want %q in words that name nobody", issuer, reasonOf(err), err, want)
		}
	}
}

// U16: what stays open ends with its token, if the handler says so as Guard's
// comment does.
func TestU16StreamEndsWithItsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		guard := core.MustGuard(core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(issuer.JWKS())})
		ctx, err := guard.Check(t.Context(), get("Authorization", "Bearer "+issuer.Token(map[string]any{"exp": time.Now().Add(time.Minute)})))
		if err != nil {
			t.Fatal(err)
		}
		claims, _ := core.FromContext(ctx)
		stream, cancel := context.WithDeadline(ctx, claims.Expiry)
		defer cancel()
		began := time.Now()
		<-stream.Done()
		if open := time.Since(began); open != time.Minute {
			t.Errorf("got a stream open for %v, want 1m0s", open)
		}
	})
}
