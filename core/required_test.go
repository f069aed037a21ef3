package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
)

// Config.RequireClaims says what a valid token is; what it refuses is answered so.
func TestConfigRequire(t *testing.T) {
	tokenUse := core.ClaimIn([]string{"token_use"}, "access")
	for _, test := range []struct {
		name      string
		require   []core.Requirement
		claims    map[string]any
		want      core.Reason
		status    int
		challenge string
	}{
		{"nothing", nil, nil, "", 0, ""},
		{"met", []core.Requirement{tokenUse}, map[string]any{"token_use": "access"}, "", 0, ""},
		{"another value", []core.Requirement{tokenUse}, map[string]any{"token_use": "id"},
			core.ReasonUnacceptableClaim, 401, `error="invalid_token"`},
		{"absent", []core.Requirement{tokenUse}, nil, core.ReasonUnacceptableClaim, 401, `error="invalid_token"`},
		{"the second", []core.Requirement{tokenUse, core.Role("staff")}, map[string]any{"token_use": "access", "roles": []string{"guest"}},
			core.ReasonUnacceptableClaim, 401, `error="invalid_token"`},
		{"a role where the Config has them", []core.Requirement{core.Role("staff")}, map[string]any{"roles": []string{"staff"}}, "", 0, ""},
		{"a scope is asked for as ever", []core.Requirement{core.Scope("api")}, map[string]any{"scope": "openid"},
			core.ReasonInsufficientScope, 403, `scope="api"`},
		{"so is a step-up", []core.Requirement{core.MaxAuthAge(time.Minute)}, nil,
			core.ReasonInsufficientAuthentication, 401, `error="insufficient_user_authentication"`},
		{"a function", []core.Requirement{core.Func(func(context.Context, *core.Claims) error { return errors.New("no") })}, nil,
			core.ReasonUnacceptableClaim, 401, `error="invalid_token"`},
	} {
		for name, size := range map[string]int{"": 0, ", remembered": 10} {
			t.Run(test.name+name, func(t *testing.T) {
				s := newStage(t, func(c *core.Config) { c.RequireClaims, c.TokenCache = test.require, size })
				token := s.withClaims(test.claims)
				for range 2 {
					_, err := s.verifier.Verify(t.Context(), token)
					if got := reasonOf(err); got != test.want {
						t.Fatalf("got %q, want %q", got, test.want)
					}
					if refusal := core.RefusalOf(err); refusal != nil && (refusal.Status != test.status || !strings.Contains(refusal.Challenge, test.challenge)) {
						t.Errorf("got %d %q, want %d %q", refusal.Status, refusal.Challenge, test.status, test.challenge)
					}
				}
			})
		}
	}
}

// Nobody's function sees claims whose signature does not hold, and Revoked is
// not asked about a token that the requirements refuse.
func TestConfigRequireComesLast(t *testing.T) {
	required, revoked := 0, 0
	s := newStage(t, func(c *core.Config) {
		c.RequireClaims = []core.Requirement{core.Func(func(context.Context, *core.Claims) error { required++; return errors.New("no") })}
		c.Revoked = func(context.Context, *core.Claims) (bool, error) { revoked++; return false, nil }
	})
	token := s.withClaims(nil)
	forged := token[:strings.LastIndex(token, ".")+1] + strings.Repeat("A", 86)
	if _, err := s.verifier.Verify(t.Context(), forged); reasonOf(err) != core.ReasonBadSignature || required != 0 {
		t.Errorf("got %q after %d calls, want bad_signature after none", reasonOf(err), required)
	}
	if _, err := s.verifier.Verify(t.Context(), token); reasonOf(err) != core.ReasonUnacceptableClaim || required != 1 || revoked != 0 {
		t.Errorf("got %q after %d calls and %d of Revoked, want unacceptable_claim after one and none", reasonOf(err), required, revoked)
	}
}

func TestConfigRequireAndErrInNew(t *testing.T) {
	config := goodConfig()
	config.RequireClaims = []core.Requirement{core.Scope("a"), nil}
	if _, err := core.New(config); err == nil || !strings.Contains(err.Error(), "nil Requirement") {
		t.Errorf("nil Requirement: got %v, want it named", err)
	}
	mistake := errors.New("realm is empty")
	_, err := core.New(core.Config{Err: mistake, MaxAge: -1})
	if !errors.Is(err, mistake) || !strings.Contains(err.Error(), "MaxAge") || strings.Contains(err.Error(), "Issuer is") {
		t.Errorf("Err: got %v, want it beside the other mistakes, and no word about Issuer", err)
	}
}
