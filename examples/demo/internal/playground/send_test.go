package playground

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestMintAndSend(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		name, order, path string
		status            int
		reason, challenge string
	}{
		{"good", `{"algorithm":"RS256","lifetime":60,"audience":"https://api.test"}`, "/", 200, "", ""},
		{"good ES256", `{"algorithm":"ES256","lifetime":60,"audience":"https://api.test"}`, "/", 200, "", ""},
		{"not pinned", `{"algorithm":"HS256","lifetime":60,"audience":"https://api.test"}`, "/", 401, "wrong_algorithm", "invalid_token"},
		{"expired", `{"algorithm":"RS256","lifetime":-60,"audience":"https://api.test"}`, "/", 401, "expired", "invalid_token"},
		{"other audience", `{"algorithm":"RS256","lifetime":60,"audience":"https://other.test"}`, "/", 401, "wrong_audience", "invalid_token"},
		{"no audience", `{"algorithm":"RS256","lifetime":60}`, "/", 401, "wrong_audience", "invalid_token"},
		{"no scope", `{"algorithm":"RS256","lifetime":60,"audience":"https://api.test"}`, "/orders", 403, "insufficient_scope", `scope="orders:read"`},
		{"scope", `{"algorithm":"RS256","lifetime":60,"audience":"https://api.test","scopes":" orders:read  x "}`, "/orders", 200, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := b.send(test.path, "Bearer "+b.mint(test.order))
			if got.Status != test.status || got.Reason != test.reason || !strings.Contains(got.Challenge, test.challenge) {
				t.Errorf("got %d %q with challenge %q, want %d %q and %q in it",
					got.Status, got.Reason, got.Challenge, test.status, test.reason, test.challenge)
			}
			if !json.Valid([]byte(got.Body)) {
				t.Errorf("got the body %q, want JSON", got.Body)
			}
		})
	}
}

func TestBoundToken(t *testing.T) {
	b := newBench(t)
	authorization := "DPoP " + b.mint(`{"algorithm":"ES256","lifetime":60,"audience":"https://api.test","bound":true}`)
	for range 2 { // with a new proof each time
		if got := b.post(parcel{"/", []string{authorization}, ownProof}); got.Status != 200 {
			t.Errorf("got %d %q, want 200", got.Status, got.Reason)
		}
	}
	if got := b.post(parcel{"/", []string{authorization}, noProof}); got.Status != 401 || got.Reason != "invalid_proof" {
		t.Errorf("without a proof: got %d %q, want 401 invalid_proof", got.Status, got.Reason)
	}
}

func TestSendWhatBrowsersCannot(t *testing.T) {
	b := newBench(t)
	if got := b.send("/"); got.Status != 401 || got.Reason != "no_token" {
		t.Errorf("no header: got %d %q, want 401 no_token", got.Status, got.Reason)
	}
	if got := b.send("/", "Bearer a\r\nX-Other: b"); got.Status != 0 || got.Error == "" {
		t.Errorf("line break: got status %d and error %q, want no answer and a reason", got.Status, got.Error)
	}
}

func TestAttacks(t *testing.T) {
	b := newBench(t)
	want := map[string]string{
		"none": "401 wrong_algorithm", "confusion": "401 wrong_algorithm", "embedded": "401 bad_signature",
		"stranger": "401 unknown_key", "tampered": "401 bad_signature", "expired": "401 expired",
		"audience": "401 wrong_audience", "duplicate": "401 malformed_token", "oversize": "401 token_too_long",
		"headers": "400 multiple_tokens", "stolen": "401 sender_constraint", "thief": "401 sender_constraint", "replay": "401 replayed_proof",
	}
	names := []attackText{}
	for _, attack := range attacks {
		names = append(names, attack.attackText)
	}
	for _, theft := range thefts {
		names = append(names, theft.attackText)
	}
	for _, attack := range names {
		t.Run(attack.Name, func(t *testing.T) {
			var m mounted
			b.ask("POST", "/api/attack", fmt.Sprintf(`{"name":%q}`, attack.Name), &m)
			got := b.post(parcel{"/", m.Authorization, m.Proof})
			if text := fmt.Sprintf("%d %s", got.Status, got.Reason); text != want[attack.Name] {
				t.Errorf("got %s, want %s", text, want[attack.Name])
			}
		})
	}
}
