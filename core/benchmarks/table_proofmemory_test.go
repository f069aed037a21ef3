package main

import (
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/proof"
)

// Every memory takes a proof once, and forgets it where that is said of it.
func TestProofMemoriesTakeAProofOnce(t *testing.T) {
	now := time.Now()
	for _, m := range proofMemories(2) {
		byAge := m.name != "golang-lru expirable" // which goes by the real clock
		for _, row := range []struct {
			name  string
			id    proof.ID
			at    time.Time
			first bool
		}{
			{"new", proof.ID{1}, now, true},
			{"again", proof.ID{1}, now, false},
			{"another", proof.ID{2}, now, true},
			{"again at its end", proof.ID{1}, now.Add(proofLifetime), false},
			{"long after its end", proof.ID{1}, now.Add(2 * proofLifetime), byAge},
		} {
			if first := m.claim("thumbprint", row.id, row.at); first != row.first {
				t.Errorf("%s, %s: got first %t, want %t", m.name, row.name, first, row.first)
			}
		}
	}
}
