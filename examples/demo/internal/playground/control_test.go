package playground

import (
	"strings"
	"testing"
)

const goodOrder = `{"algorithm":"RS256","lifetime":300,"audience":"https://api.test"}`

func TestRotation(t *testing.T) {
	b := newBench(t)
	old := "Bearer " + b.mint(goodOrder)
	if got := b.send("/", old); got.Status != 200 {
		t.Fatalf("got status %d, want 200", got.Status)
	}
	if got := b.control("rotate"); len(got.Published) != 4 || got.Published[0].Signs || !got.Published[3].Signs {
		t.Errorf("rotate: got %+v, want two keys that sign and two that sign no more", got.Published)
	}
	for name, token := range map[string]string{"new": "Bearer " + b.mint(goodOrder), "old": old} {
		if got := b.send("/", token); got.Status != 200 {
			t.Errorf("%s token: got %d %q, want 200", name, got.Status, got.Reason)
		}
	}
	if got := b.control("retire"); len(got.Published) != 2 {
		t.Errorf("retire: got %d keys, want 2", len(got.Published))
	}

	old = "Bearer " + b.mint(goodOrder)
	if got := b.control("replace"); len(got.Published) != 2 || got.Keys.Held != 4 {
		t.Errorf("replace: got %d keys published and %d held, want 2, and 4 before the next fetch", len(got.Published), got.Keys.Held)
	}
	if got := b.send("/", "Bearer "+b.mint(goodOrder)); got.Status != 200 {
		t.Errorf("new token: got %d %q, want 200", got.Status, got.Reason)
	}
	if got := b.send("/", old); got.Reason != "unknown_key" {
		t.Errorf("old token: got %d %q, want unknown_key", got.Status, got.Reason)
	}
}

func TestFaults(t *testing.T) {
	for _, fault := range []string{"down", "empty"} {
		t.Run(fault, func(t *testing.T) {
			b := newBench(t)
			known := "Bearer " + b.mint(goodOrder)
			b.send("/", known)
			if got := b.control(fault); got.Fault != fault || got.Keys.State != "fresh" || got.Keys.Fetches != 1 {
				t.Errorf("got fault %q, keys %q after %d fetches, want %q, fresh, 1", got.Fault, got.Keys.State, got.Keys.Fetches, fault)
			}
			b.control("rotate")
			if got := b.send("/", "Bearer "+b.mint(goodOrder)); got.Status != 503 || got.RetryAfter == "" || got.Challenge != "" {
				t.Errorf("new key: got %+v, want 503 with Retry-After and no challenge", got)
			}
			if got := b.send("/", known); got.Status != 200 {
				t.Errorf("known key: got %d %q, want 200", got.Status, got.Reason)
			}
			var s state
			if b.ask("GET", "/api/state", "", &s); s.Keys.Failures != 1 || s.Keys.LastError == "" || s.Keys.LastFailure.IsZero() {
				t.Errorf("got %+v, want one failure and its reason", s.Keys)
			}
			if got := b.control("recover"); got.Fault != noFault {
				t.Errorf("got fault %q, want none", got.Fault)
			}
			if got := b.send("/", "Bearer "+b.mint(goodOrder)); got.Status != 200 {
				t.Errorf("recovered: got %d %q, want 200", got.Status, got.Reason)
			}
		})
	}
}

// TestFaultsDoNotAddUp goes from one fault to the next without a recovery.
func TestFaultsDoNotAddUp(t *testing.T) {
	b := newBench(t)
	b.control("down")
	b.control("empty")
	b.send("/", "Bearer "+b.mint(goodOrder))
	var got state
	b.ask("GET", "/api/state", "", &got)
	if got.Keys.State != "empty" || strings.Contains(got.Keys.LastError, "503") {
		t.Errorf("got keys %q and the error %q, want good metadata and a set without keys", got.Keys.State, got.Keys.LastError)
	}
}
