package core_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// store finds string keys alone, as the contexts of gin and fasthttp do.
type store struct {
	context.Context
	values map[string]any
}

func (s store) Value(key any) any {
	name, _ := key.(string)
	return s.values[name]
}

func TestContext(t *testing.T) {
	type key struct{}
	alice, bob := &core.Claims{Subject: "alice"}, &core.Claims{Subject: "bob"}
	base := context.WithValue(t.Context(), key{}, "kept")
	deadline, cancel := context.WithDeadline(core.NewContext(base, alice), time.Unix(1<<40, 0))
	defer cancel()
	for _, test := range []struct {
		name string
		ctx  context.Context
		want *core.Claims
	}{
		{"nil", nil, nil},
		{"background", context.Background(), nil},
		{"claims", core.NewContext(base, alice), alice},
		{"derived", deadline, alice},
		{"the inner ones", core.NewContext(core.NewContext(base, alice), bob), bob},
		{"nobody", core.NewContext(base, nil), nil},
		{"nobody inside somebody", core.NewContext(core.NewContext(base, alice), nil), nil},
		{"framework's store", store{base, map[string]any{core.ContextKey: alice}}, alice},
		{"C11 a value of another type", store{base, map[string]any{core.ContextKey: "alice"}}, nil},
		{"C11 a nil in the store", store{base, map[string]any{core.ContextKey: (*core.Claims)(nil)}}, nil},
		{"C11 under another name", store{base, map[string]any{"claims": alice, "user": alice, "jwt": alice}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, ok := core.FromContext(test.ctx); got != test.want || ok != (test.want != nil) {
				t.Errorf("got %v, %t, want %v", got, ok, test.want)
			}
		})
	}
	ctx := core.NewContext(base, alice)
	if ctx.Value(key{}) != "kept" || ctx.Value("x") != nil {
		t.Errorf("got %v, want the values of the context below", ctx.Value(key{}))
	}
	if ctx.Done() != base.Done() {
		t.Error("got another Done, want that of the context below")
	}
}

// A guard inside another has the last word, in the framework's store too.
func TestExpose(t *testing.T) {
	s := newStage(t, nil)
	outer, inner := core.Guard{Verifier: s.verifier, Realm: "outer"}, core.Guard{Verifier: s.verifier, Realm: "inner", Optional: true,
		Tokens: []core.TokenSource{core.FromHeader("X-Token")}}
	values := map[string]any{}
	set := func(key string, value any) { values[key] = value }
	framework := store{t.Context(), values}
	core.Expose(t.Context(), set)
	if len(values) != 0 {
		t.Fatalf("got %v exposed, want nothing before a guard", values)
	}

	ctx, err := outer.Check(t.Context(), get("Authorization", "Bearer "+s.Token(nil)))
	if err != nil {
		t.Fatal(err)
	}
	core.Expose(ctx, set)
	if c, ok := core.FromContext(framework); !ok || c.Subject != jwttest.Subject || values[core.ContextKey] != c {
		t.Errorf("got %v, want the claims of %s", c, jwttest.Subject)
	}
	refusal := core.RefusalOf(core.Require(framework, core.Scope("x")))
	if refusal.Status != 403 || !strings.Contains(refusal.Challenge, `realm="outer"`) {
		t.Errorf("got %d %s, want 403 in the guard's words", refusal.Status, refusal.Challenge)
	}

	if ctx, err = inner.Check(ctx, get()); err != nil {
		t.Fatal(err)
	}
	core.Expose(ctx, set)
	if c, ok := core.FromContext(framework); ok || values[core.ContextKey] != nil {
		t.Errorf("got %v, want nobody, and an untyped nil (T2)", c)
	}
	if refusal := core.RefusalOf(core.Require(framework, core.Scope("x"))); refusal.Challenge != `Bearer realm="inner"` {
		t.Errorf("got %s, want the bare challenge of the inner guard", refusal.Challenge)
	}
}
