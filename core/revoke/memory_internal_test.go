package revoke

import (
	"testing"
	"time"
)

func TestMemoryIsBounded(t *testing.T) {
	// Room that nobody writes to takes no memory.
	m := &memory{entries: make([]numbered, maxMemory-1, maxMemory+1), sweepAt: 2 * maxMemory}
	one := Entry{Issuer: someIssuer, ID: "a", Until: time.Now().Add(time.Hour)}
	if err := m.Add(t.Context(), one, one); err == nil || len(m.entries) != maxMemory-1 {
		t.Errorf("got %v and %d entries, want an error and none added", err, len(m.entries))
	}
	if err := m.Add(t.Context(), one); err != nil {
		t.Errorf("got %v, want the last entry taken", err)
	}
	if err := m.Add(t.Context(), one); err == nil || len(m.entries) != maxMemory {
		t.Errorf("got %v and %d entries, want an error and %d", err, len(m.entries), maxMemory)
	}
}
