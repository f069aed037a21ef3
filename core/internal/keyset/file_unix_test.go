//go:build unix

package keyset

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// K14: a FIFO without a writer would hold whoever opens it, past every deadline.
func TestK14FIFOIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	s := File(path, Options{})
	if got, _ := ask(s, "a"); got != unavailable || !strings.Contains(s.Stats().LastError, "want a regular one") {
		t.Errorf("got %s (%s), want %s because it is no regular file", got, s.Stats().LastError, unavailable)
	}
}
