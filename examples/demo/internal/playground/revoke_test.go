package playground

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/jwttest"
)

// revoke asks the page to end a token, and returns what it says.
func (b bench) revoke(which, token string) (status int, says string) {
	b.t.Helper()
	body, err := json.Marshal(revocation{which, token})
	if err != nil {
		b.t.Fatal(err)
	}
	var got struct{ What, Error string }
	status = b.ask("POST", "/api/revoke", string(body), &got)
	return status, got.What + got.Error
}

func TestRevoke(t *testing.T) {
	b := newBench(t)
	const order = `{"algorithm":"ES256","lifetime":60,"audience":"https://api.test"}`
	first, second := b.mint(order), b.mint(order)
	for _, step := range []struct {
		name, which, token, want, first, second string
	}{
		{"nothing yet", "", "", "", "", ""},
		{"one token", "token", first, "the token", "revoked", ""},
		{"its user", "user", first, "alice", "revoked", "revoked"},
	} {
		if step.which != "" {
			if status, says := b.revoke(step.which, step.token); status != http.StatusOK || !strings.Contains(says, step.want) {
				t.Errorf("%s: got %d %q, want 200 and %q in it", step.name, status, says, step.want)
			}
		}
		if got := b.send("/", "Bearer "+first).Reason; got != step.first {
			t.Errorf("%s: got %q for the first token, want %q", step.name, got, step.first)
		}
		if got := b.send("/", "Bearer "+second).Reason; got != step.second {
			t.Errorf("%s: got %q for the second token, want %q", step.name, got, step.second)
		}
	}
}

func TestRevokeRefuses(t *testing.T) {
	b := newBench(t)
	good := b.mint(`{"algorithm":"ES256","lifetime":60,"audience":"https://api.test"}`)
	for _, test := range []struct{ name, which, token, want string }{
		{"no token", "token", "", "no token"},
		{"no base64url", "token", "a.!.c", "payload"},
		{"no claims", "user", jwttest.Compact([]byte("{}"), []byte("[]"), nil), "claims"},
		{"no jti", "token", jwttest.Compact([]byte("{}"), []byte(`{"sub":"alice"}`), nil), "without the jti"},
		{"no sub", "user", jwttest.Compact([]byte("{}"), []byte(`{"jti":"a"}`), nil), "without the jti or the sub"},
		{"another word", "everybody", good, `"everybody"`},
	} {
		if status, says := b.revoke(test.which, test.token); status != http.StatusBadRequest || !strings.Contains(says, test.want) {
			t.Errorf("%s: got %d %q, want 400 and %q in it", test.name, status, says, test.want)
		}
	}
	if got := b.send("/", "Bearer "+good).Reason; got != "" {
		t.Errorf("got %q, want nothing revoked by what was refused", got)
	}
}
