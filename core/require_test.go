package core_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// checked is the context behind a guard that let a token with these members
// pass.
func checked(t testing.TB, edit func(*core.Config), guard core.Guard, more string) context.Context {
	t.Helper()
	s := newStage(t, edit)
	guard.Verifier = s.verifier
	if more != "" {
		more = "," + more
	}
	ctx, err := guard.Check(context.Background(), get("Authorization", "Bearer "+s.withPayload("{"+s.members()+more+"}")))
	if err != nil {
		t.Fatalf("Check: %v", errors.Unwrap(err))
	}
	return ctx
}

var requirements = []struct {
	name, members string
	require       core.Requirement
	want          core.Reason
}{
	{"Scope", `"scope":"a b c"`, core.Scope("c", "a"), ""},
	{"Scope, one missing", `"scope":"a b"`, core.Scope("a", "c"), core.ReasonInsufficientScope},
	{"Scope, none", ``, core.Scope("a"), core.ReasonInsufficientScope},
	{"Scope, part of a word", `"scope":"admin:read"`, core.Scope("admin"), core.ReasonInsufficientScope},
	{"Scope, case", `"scope":"Admin"`, core.Scope("admin"), core.ReasonInsufficientScope},
	{"Scope, empty list", `"scope":"a"`, core.Scope(), core.ReasonInsufficientScope},
	{"Scope, empty name", `"scope":"a"`, core.Scope(""), core.ReasonInsufficientScope},
	{"Scope, two in one", `"scope":"a b"`, core.Scope("a b"), core.ReasonInsufficientScope},
	{"AnyScope", `"scope":"b"`, core.AnyScope("a", "b"), ""},
	{"AnyScope, none", `"scope":"c"`, core.AnyScope("a", "b"), core.ReasonInsufficientScope},
	{"AnyScope, empty list", `"scope":"a"`, core.AnyScope(), core.ReasonInsufficientScope},
	{"Role, array", `"roles":["a","b"]`, core.Role("a", "b"), ""},
	{"Role, string", `"roles":"b"`, core.Role("b"), ""},
	{"T3 Role, string of two words", `"roles":"not admin"`, core.Role("admin"), core.ReasonForbidden},
	{"T3 Role, string of two words as it stands", `"roles":"not admin"`, core.Role("not admin"), ""},
	{"T3 Role, empty string", `"roles":""`, core.Role(""), core.ReasonForbidden},
	{"T3 Role, member false", `"roles":{"admin":false}`, core.Role("admin"), core.ReasonForbidden},
	{"T3 Role, member null", `"roles":{"admin":null}`, core.Role("admin"), core.ReasonForbidden},
	{"T3 Role, member 0", `"roles":{"admin":0}`, core.Role("admin"), core.ReasonForbidden},
	{"T3 Role, member -0.0e3", `"roles":{"admin":-0.0e3}`, core.Role("admin"), core.ReasonForbidden},
	{"T3 Role, member empty string", `"roles":{"admin":""}`, core.Role("admin"), core.ReasonForbidden},
	{"T3 Role, member empty object", `"roles":{"admin":{ }}`, core.Role("admin"), core.ReasonForbidden},
	{"T3 Role, member empty array", `"roles":{"admin":[]}`, core.Role("admin"), core.ReasonForbidden},
	{"T3 Role, member true", `"roles":{"admin":true}`, core.Role("admin"), ""},
	{"T3 Role, member 1", `"roles":{"admin":1}`, core.Role("admin"), ""},
	{"T3 Role, member of a number too large", `"roles":{"admin":1e400}`, core.Role("admin"), ""},
	{"AnyRole, one of two", `"roles":["a"]`, core.AnyRole("b", "a"), ""},
	{"AnyRole, none of two", `"roles":["c"]`, core.AnyRole("b", "a"), core.ReasonForbidden},
	{"AnyRole, empty list", `"roles":["a"]`, core.AnyRole(), core.ReasonForbidden},
	{"AnyPermission, one of two", `"permissions":{"a":1}`, core.AnyPermission("b", "a"), ""},
	{"AnyPermission, none", `"roles":["a"]`, core.AnyPermission("a"), core.ReasonForbidden},
	{"U11 Audience, this one", ``, core.Audience("x", jwttest.Audience), ""},
	{"U11 Audience, another", ``, core.Audience("x"), core.ReasonWrongAudience},
	{"U11 Audience, empty list", ``, core.Audience(), core.ReasonWrongAudience},
	{"Role, object", `"roles":{"a":{"org":"x"}}`, core.Role("a"), ""},
	{"Role, object, value", `"roles":{"a":"b"}`, core.Role("b"), core.ReasonForbidden},
	{"Role, missing", `"roles":["a"]`, core.Role("a", "b"), core.ReasonForbidden},
	{"Role, number", `"roles":1`, core.Role("1"), core.ReasonForbidden},
	{"Role, mixed array", `"roles":["a",1]`, core.Role("a"), core.ReasonForbidden},
	{"Role, absent", ``, core.Role("a"), core.ReasonForbidden},
	{"Role, absent, and a claim of its name", `"admin":true`, core.Role("admin"), core.ReasonForbidden},
	{"Permission, absent, and a registered claim of its name", ``, core.Permission("sub"), core.ReasonForbidden},
	{"Role, empty list", `"roles":["a"]`, core.Role(), core.ReasonForbidden},
	{"Role, in scope", `"scope":"a"`, core.Role("a"), core.ReasonForbidden},
	{"Permission", `"permissions":["p"]`, core.Permission("p"), ""},
	{"Permission, missing", `"permissions":["p"]`, core.Permission("q"), core.ReasonForbidden},
	{"Permission, empty list", `"permissions":["p"]`, core.Permission(), core.ReasonForbidden},
	{"ClaimIn, string", `"tier":"gold"`, core.ClaimIn([]string{"tier"}, "silver", "gold"), ""},
	{"ClaimIn, nested", `"a":{"b.c":"x"}`, core.ClaimIn([]string{"a", "b.c"}, "x"), ""},
	{"ClaimIn, array", `"groups":["a","b"]`, core.ClaimIn([]string{"groups"}, "b"), ""},
	{"ClaimIn, array inside", `"groups":[["a"]]`, core.ClaimIn([]string{"groups"}, "a"), core.ReasonForbidden},
	{"ClaimIn, bool", `"verified":true`, core.ClaimIn([]string{"verified"}, true), ""},
	{"ClaimIn, other bool", `"verified":false`, core.ClaimIn([]string{"verified"}, true), core.ReasonForbidden},
	{"ClaimIn, bool as string", `"verified":"true"`, core.ClaimIn([]string{"verified"}, true), core.ReasonForbidden},
	{"ClaimIn, number as string", `"n":"1"`, core.ClaimIn([]string{"n"}, 1), core.ReasonForbidden},
	{"ClaimIn, string as number", `"n":1`, core.ClaimIn([]string{"n"}, "1"), core.ReasonForbidden},
	{"ClaimIn, int", `"n":7`, core.ClaimIn([]string{"n"}, 7), ""},
	{"ClaimIn, int written with a fraction", `"n":7.0`, core.ClaimIn([]string{"n"}, 7), ""},
	{"ClaimIn, int written with an exponent", `"n":7e2`, core.ClaimIn([]string{"n"}, int64(700)), ""},
	{"ClaimIn, float", `"n":7.5`, core.ClaimIn([]string{"n"}, 7.5), ""},
	{"ClaimIn, another float", `"n":7.25`, core.ClaimIn([]string{"n"}, 7.5, 7), core.ReasonForbidden},
	{"ClaimIn, large int", `"n":9007199254740993`, core.ClaimIn([]string{"n"}, int64(9007199254740993)), ""},
	{"ClaimIn, neighbour of a large int", `"n":9007199254740992`, core.ClaimIn([]string{"n"}, int64(9007199254740993)), core.ReasonForbidden},
	{"ClaimIn, neighbour written with an exponent", `"n":9.007199254740992e15`, core.ClaimIn([]string{"n"}, int64(9007199254740993)), core.ReasonForbidden},
	{"ClaimIn, null", `"n":null`, core.ClaimIn([]string{"n"}, "", false, 0, nil), core.ReasonForbidden},
	{"ClaimIn, absent", ``, core.ClaimIn([]string{"n"}, "", false, 0, nil), core.ReasonForbidden},
	{"ClaimIn, empty list", `"n":1`, core.ClaimIn([]string{"n"}), core.ReasonForbidden},
	{"ClaimIn, empty array", `"n":[]`, core.ClaimIn([]string{"n"}, ""), core.ReasonForbidden},
	{"ClaimIn, no path", `"n":1`, core.ClaimIn(nil, "alice"), core.ReasonForbidden},
	{"ClaimIn, object", `"n":{}`, core.ClaimIn([]string{"n"}, "{}"), core.ReasonForbidden},
	{"ClaimIn, type that JSON has not", `"n":1`, core.ClaimIn([]string{"n"}, struct{}{}, []string{"1"}), core.ReasonForbidden},
	{"ACR", `"acr":"gold"`, core.ACR("silver", "gold"), ""},
	{"ACR, another", `"acr":"bronze"`, core.ACR("silver", "gold"), core.ReasonInsufficientAuthentication},
	{"ACR, absent", ``, core.ACR("", "gold"), core.ReasonInsufficientAuthentication},
	{"ACR, number", `"acr":1`, core.ACR("1"), core.ReasonInsufficientAuthentication},
	{"ACR, empty list", `"acr":"gold"`, core.ACR(), core.ReasonInsufficientAuthentication},
	{"MaxAuthAge, absent", ``, core.MaxAuthAge(time.Hour), core.ReasonInsufficientAuthentication},
	{"MaxAuthAge, absent, for ever", ``, core.MaxAuthAge(1<<63 - 1), core.ReasonInsufficientAuthentication},
	{"MaxAuthAge, string, for ever", `"auth_time":"1"`, core.MaxAuthAge(1<<63 - 1), core.ReasonInsufficientAuthentication},
	{"MaxAuthAge, string", `"auth_time":"9999999999"`, core.MaxAuthAge(time.Hour), core.ReasonInsufficientAuthentication},
	{"MaxAuthAge, long ago", `"auth_time":1`, core.MaxAuthAge(time.Hour), core.ReasonInsufficientAuthentication},
	{"MaxAuthAge, in the future", `"auth_time":9999999999`, core.MaxAuthAge(time.Hour), core.ReasonInsufficientAuthentication},
	{"All", `"scope":"a","acr":"gold"`, core.All(core.Scope("a"), core.ACR("gold")), ""},
	{"All, the first that is not met", `"scope":"a"`, core.All(core.Scope("a"), core.ACR("gold"), core.Role("x")), core.ReasonInsufficientAuthentication},
	{"All, nil inside", `"scope":"a"`, core.All(core.Scope("a"), nil), core.ReasonMisconfigured},
	{"Any", `"scope":"a"`, core.Any(core.Role("x"), core.Scope("a")), ""},
	{"Any, none: the first", `"scope":"a"`, core.Any(core.Scope("b"), core.Role("x")), core.ReasonInsufficientScope},
	{"Any, empty list", `"scope":"a"`, core.Any(), core.ReasonForbidden},
	{"Any, nil inside", ``, core.Any(nil, nil), core.ReasonMisconfigured},
	{"nested", `"scope":"a"`, core.All(core.Any(core.Scope("b"), core.All(core.Scope("a")))), ""},
	{"Func", ``, core.Func(func(_ context.Context, c *core.Claims) error { return nil }), ""},
	{"Func, error", ``, core.Func(func(context.Context, *core.Claims) error { return errors.New("no") }), core.ReasonForbidden},
	{"Func, its own Refusal", ``, core.Func(func(context.Context, *core.Claims) error { return core.RefusalOf(errors.New("down")) }), core.ReasonInternal},
	{"Func, nil", ``, core.Func(nil), core.ReasonMisconfigured},
	{"Func, nil *Refusal", ``, core.Func(func(context.Context, *core.Claims) error { return (*core.Refusal)(nil) }), core.ReasonMisconfigured},
	{"Func, empty Refusal", ``, core.Func(func(context.Context, *core.Claims) error { return &core.Refusal{} }), core.ReasonMisconfigured},
	{"Func, Refusal that grants", ``, core.Func(func(context.Context, *core.Claims) error { return &core.Refusal{Status: 200} }), core.ReasonMisconfigured},
	{"nil Requirement", ``, nil, core.ReasonMisconfigured},
}

func TestRequirements(t *testing.T) {
	for _, test := range requirements {
		t.Run(test.name, func(t *testing.T) {
			ctx := checked(t, nil, core.Guard{Realm: "api"}, test.members)
			err := core.Require(ctx, test.require)
			if reasonOf(err) != test.want {
				t.Fatalf("got %q, want %q", reasonOf(err), test.want)
			}
			if r := core.RefusalOf(err); r != nil && (r.Status == 403 || r.Status == 401) {
				if got := parseChallenge(t, r.Challenge).params["realm"]; got != "api" || !errors.Is(err, core.ErrForbidden) && test.want != core.ReasonWrongAudience {
					t.Errorf("got realm %q and %v, want the guard's realm and ErrForbidden", got, err)
				}
			}
		})
	}
}

// Require without a Requirement asks that somebody is there.
func TestRequireNothing(t *testing.T) {
	if err := core.Require(checked(t, nil, core.Guard{}, "")); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestRolesAt(t *testing.T) {
	at := func(c *core.Config) {
		c.RolesAt, c.PermissionsAt = []string{"realm_access", "roles"}, []string{"perm.issions"}
	}
	ctx := checked(t, at, core.Guard{}, `"realm_access":{"roles":["r"]},"roles":["x"],"perm.issions":["p"]`)
	for _, test := range []struct {
		name    string
		require core.Requirement
		want    core.Reason
	}{
		{"role", core.Role("r"), ""},
		{"role elsewhere", core.Role("x"), core.ReasonForbidden},
		{"permission", core.Permission("p"), ""},
	} {
		if err := core.Require(ctx, test.require); reasonOf(err) != test.want {
			t.Errorf("%s: got %q, want %q", test.name, reasonOf(err), test.want)
		}
	}
}

// RFC 6750 section 3.1 and RFC 9470 section 3 say what a client is told to ask for.
func TestRequireChallenge(t *testing.T) {
	ctx := checked(t, nil, core.Guard{Realm: "api", ResourceMetadata: "https://api.test/m"}, `"scope":"x"`)
	for _, test := range []struct {
		name    string
		require core.Requirement
		want    string
	}{
		{"scope", core.Scope("a", "b"), `error=insufficient_scope scope="a b"`},
		{"any scope: the first", core.AnyScope("a", "b"), `error=insufficient_scope scope="a"`},
		{"no scope", core.Scope(), `error=insufficient_scope`},
		{"role", core.Role("secret-role"), `error=insufficient_scope`},
		{"acr", core.ACR("gold", `pl"at`), `error=insufficient_user_authentication acr_values="gold pl\"at"`},
		{"age", core.MaxAuthAge(90 * time.Second), `error=insufficient_user_authentication max_age="90"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := core.RefusalOf(core.Require(ctx, test.require))
			c := parseChallenge(t, r.Challenge)
			got := "error=" + c.params["error"]
			for _, name := range []string{"scope", "acr_values", "max_age"} {
				if value, ok := c.params[name]; ok {
					got += fmt.Sprintf(" %s=%q", name, value)
				}
			}
			if got != test.want || c.params["realm"] != "api" || c.params["resource_metadata"] != "https://api.test/m" {
				t.Errorf("got %s in %q, want %s", got, r.Challenge, test.want)
			}
			if strings.Contains(r.Challenge+r.Error(), "secret-role") {
				t.Errorf("got %q, want nothing of the roles", r.Challenge)
			}
		})
	}
}

func TestMaxAuthAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := jwttest.NewIssuer("")
		v := mustNew(t, core.Config{Issuer: issuer.URL(), Audiences: []string{jwttest.Audience}, Keys: core.JWKSDocument(issuer.JWKS())})
		c, err := v.Verify(context.Background(), issuer.Token(map[string]any{"auth_time": time.Now()}))
		if err != nil {
			t.Fatal(err)
		}
		ctx := core.NewContext(context.Background(), c)
		time.Sleep(time.Minute)
		if err := core.Require(ctx, core.MaxAuthAge(time.Minute)); err != nil {
			t.Errorf("got %v at the limit, want nil", err)
		}
		for ahead, want := range map[time.Duration]core.Reason{30 * time.Second: "", 31 * time.Second: core.ReasonInsufficientAuthentication} {
			c, err := v.Verify(context.Background(), issuer.Token(map[string]any{"auth_time": time.Now().Add(ahead).Unix()}))
			if err != nil {
				t.Fatal(err)
			}
			if err := core.Require(core.NewContext(context.Background(), c), core.MaxAuthAge(time.Minute)); reasonOf(err) != want {
				t.Errorf("%v ahead: got %q, want %q", ahead, reasonOf(err), want)
			}
		}
		time.Sleep(time.Nanosecond)
		silence(t)
		if err := core.Require(ctx, core.MaxAuthAge(time.Minute)); reasonOf(err) != core.ReasonInsufficientAuthentication {
			t.Errorf("got %q beyond it, want a step-up", reasonOf(err))
		}
	})
}

// silence keeps slog's default out of the test's output and returns what it
// would have said.
func silence(t *testing.T) *bytes.Buffer {
	var text bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&text, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &text
}

// Without a guard nobody knows who is there: the service is at fault, and its
// log says so even if no Logger was ever configured.
func TestRequireWithoutGuard(t *testing.T) {
	text := silence(t)
	r := core.RefusalOf(core.Require(context.Background(), core.Scope("a")))
	if r == nil || r.Status != 500 || r.Reason != core.ReasonMisconfigured || r.Challenge != "" {
		t.Errorf("got %+v, want 500 misconfigured", r)
	}
	if got := text.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "reason=misconfigured") {
		t.Errorf("got log %q, want one line at ERROR with the reason", got)
	}
}

// Where a guard let nobody pass, Require asks for a token.
func TestRequireOfNobody(t *testing.T) {
	s := newStage(t, nil)
	ctx, err := core.Guard{Verifier: s.verifier, Optional: true}.Check(t.Context(), get())
	if err != nil {
		t.Fatal(err)
	}
	for name, reqs := range map[string][]core.Requirement{"scope": {core.Scope("a")}, "none": nil, "nil": {nil}} {
		r := core.RefusalOf(core.Require(ctx, reqs...))
		if r == nil || r.Status != 401 || r.Reason != core.ReasonNoToken || r.Challenge != "Bearer" || !errors.Is(r, core.ErrNoToken) {
			t.Errorf("%s: got %+v, want 401 with a bare challenge", name, r)
		}
	}
}

// A Refusal that Func hands on is worded by this guard, and stays as it is for
// whoever else holds it.
func TestFuncSharesRefusal(t *testing.T) {
	shared := core.RefusalOf(core.Require(checked(t, nil, core.Guard{Realm: "one"}, ""), core.Scope("a")))
	before := *shared
	ctx := checked(t, nil, core.Guard{Realm: "two"}, "")
	r := core.RefusalOf(core.Require(ctx, core.Func(func(context.Context, *core.Claims) error { return fmt.Errorf("wrapped: %w", shared) })))
	if got := parseChallenge(t, r.Challenge).params; got["realm"] != "two" || got["scope"] != "a" {
		t.Errorf("got %q, want realm two and scope a", got)
	}
	if shared.Challenge != before.Challenge {
		t.Errorf("got %q, want the shared Refusal as it was: %q", shared.Challenge, before.Challenge)
	}
}
