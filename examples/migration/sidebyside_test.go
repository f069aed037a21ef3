package migration

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core"
	"github.com/jwtmw/jwtmw/core/jwttest"
)

// U13: the old middleware goes on deciding, and only where the two disagree is
// there a line.
func TestU13SideBySide(t *testing.T) {
	issuer := jwttest.NewIssuer("")
	var log bytes.Buffer
	lax := func(next http.Handler) http.Handler { // takes every token that is there
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	handler := sideBySide(lax, core.MustGuard(issuer.Config()), slog.New(slog.NewTextHandler(&log, nil)))(
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, test := range []struct {
		name, token string
		status      int
		line        string
	}{
		{"both pass", issuer.Token(nil), 204, ""},
		{"both refuse", "", 401, ""},
		{"only the old one passes", issuer.Token(map[string]any{"exp": time.Now().Add(-time.Hour)}), 204, "path=/hello old_passes=true new_reason=expired"},
	} {
		log.Reset()
		response := recorded(handler)(ask(test.token))
		if response.StatusCode != test.status {
			t.Errorf("%s: got status %d, want the old one's %d", test.name, response.StatusCode, test.status)
		}
		if got := log.String(); (got == "") != (test.line == "") || !strings.Contains(got, test.line) {
			t.Errorf("%s: got line %q, want %q", test.name, got, test.line)
		}
	}
}
