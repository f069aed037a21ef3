package core_test

import (
	"context"
	"testing"

	"github.com/jwtmw/jwtmw/core"
)

// A function's own Refusal is answered if its status refuses.
func TestFuncStatus(t *testing.T) {
	ctx := core.NewContext(t.Context(), verified(t, ""))
	for status, want := range map[int]int{0: 500, 200: 500, 399: 500, 400: 400, 451: 451, 599: 599, 600: 500} {
		err := core.Require(ctx, core.Func(func(context.Context, *core.Claims) error {
			return &core.Refusal{Status: status, Reason: core.ReasonForbidden}
		}))
		if got := core.RefusalOf(err); got == nil || got.Status != want {
			t.Errorf("status %d: got %+v, want status %d", status, got, want)
		}
	}
}
