package core_test

import (
	"testing"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// An ID token is known by a nonce beside a hash. Either alone makes none.
func TestShapeOfAnIDToken(t *testing.T) {
	s := newStage(t, nil)
	for _, test := range []struct {
		name   string
		claims map[string]any
		reason core.Reason
	}{
		{"neither", nil, ""},
		{"nonce alone", map[string]any{"nonce": "n"}, ""},
		{"at_hash alone", map[string]any{"at_hash": "h"}, ""},
		{"c_hash alone", map[string]any{"c_hash": "h"}, ""},
		{"nonce and at_hash", map[string]any{"nonce": "n", "at_hash": "h"}, core.ReasonWrongType},
		{"nonce and c_hash", map[string]any{"nonce": "n", "c_hash": "h"}, core.ReasonWrongType},
	} {
		if _, err := s.verifier.Verify(t.Context(), s.Token(test.claims, jwttest.Algorithm("ES256"))); reasonOf(err) != test.reason {
			t.Errorf("%s: got %q, want %q", test.name, reasonOf(err), test.reason)
		}
	}
}
