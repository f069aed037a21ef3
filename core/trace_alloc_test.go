//go:build !race

// Under the race detector sync.Pool drops what it is given at random, so that
// allocations are not what they are without it.

package core_test

import (
	"context"
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

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
