package core_test

import (
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// T1: a slice of names that is written to afterwards.
func TestT1NamesAreCopied(t *testing.T) {
	ctx := core.NewContext(t.Context(), verified(t, `"scope":"b","roles":["b"],"permissions":["b"],"acr":"b","tier":"b"`))
	for name, requirement := range map[string]func(...string) core.Requirement{
		"Scope": core.Scope, "AnyScope": core.AnyScope, "Role": core.Role, "AnyRole": core.AnyRole, "Permission": core.Permission,
		"AnyPermission": core.AnyPermission, "ACR": core.ACR, "Audience": core.Audience,
	} {
		want := "b"
		if name == "Audience" {
			want = jwttest.Audience
		}
		names := []string{"a"}
		required := requirement(names...)
		if err := core.Require(ctx, requirement(want)); err != nil {
			t.Errorf("%s: got %v, want it granted", name, err)
		}
		names[0] = want
		if err := core.Require(ctx, required); err == nil {
			t.Errorf("%s: got it granted by a name that was written into the caller's slice", name)
		}
	}
	path, values := []string{"nothing"}, []any{"b"}
	byPath := core.ClaimIn(path, "b")
	path[0] = "tier"
	byValue := core.ClaimIn(path, values...)
	values[0] = "c"
	if core.Require(ctx, byPath) == nil || core.Require(ctx, byValue) != nil {
		t.Error("ClaimIn: got it decided by what was written into the caller's slices")
	}
}
