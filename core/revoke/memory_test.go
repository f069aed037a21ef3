package revoke_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/revoke"
)

func TestM1CallerHasLeft(t *testing.T) {
	log := revoke.Memory()
	mustAdd(t, log, entry())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if entries, _, err := log.Since(gone, ""); !errors.Is(err, context.Canceled) || entries != nil {
		t.Errorf("Since: got %v, %v, want the context's error", entries, err)
	}
	if err := log.Add(gone, entry()); !errors.Is(err, context.Canceled) {
		t.Errorf("Add: got %v, want the context's error", err)
	}
	if entries, _, err := log.Since(t.Context(), ""); err != nil || len(entries) != 1 {
		t.Errorf("got %d entries, %v, want the one that was added", len(entries), err)
	}
}

func TestM2DropsWhatHasEnded(t *testing.T) {
	log := revoke.Memory()
	for range 20 {
		mustAdd(t, log, ended("", 1000)...)
	}
	mustAdd(t, log, named("live", 500)...)
	mustAdd(t, log, ended("", 2000)...)
	entries, _, err := log.Since(t.Context(), "")
	live := 0
	for _, e := range entries {
		if strings.HasPrefix(e.ID, "live") {
			live++
		}
	}
	if err != nil || live != 500 || len(entries) > 5000 {
		t.Errorf("got %d entries with %d live ones, %v, want at most 5000 with 500", len(entries), live, err)
	}
}

func TestM3Cursors(t *testing.T) {
	log := revoke.Memory()
	mustAdd(t, log, named("", 3)...)
	_, cursor, err := log.Since(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(cursor, ".")
	for _, place := range []string{"", ".", ".x", ".-1", ".0", ".4", ".99999999999999999999"} {
		if entries, next, err := log.Since(t.Context(), name+place); err != nil || len(entries) != 3 || next != cursor {
			t.Errorf("%q: got %d entries and cursor %s, %v, want 3 and %s", place, len(entries), next, err, cursor)
		}
	}
	if entries, _, err := log.Since(t.Context(), name+".2"); err != nil || len(entries) != 1 {
		t.Errorf("got %d entries behind the second, %v, want 1", len(entries), err)
	}
}
