package revoke_test

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/revoke"
)

// Nothing that a file's Log opens stays open.
func TestFilesAreClosed(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection would close what was forgotten
	open := func() (names []string) {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if name, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && strings.Contains(name, t.Name()) {
				names = append(names, name)
			}
		}
		return names
	}
	path := filepath.Join(t.TempDir(), "revoked")
	log := revoke.File(path)
	mustAdd(t, log, ended(strings.Repeat("x", 10_000), 120)...) // and the file is written anew
	if got := all(t, path); len(got) != 0 {
		t.Errorf("got %d entries, want none", len(got))
	}
	if names := open(); len(names) > 0 {
		t.Errorf("got %q still open, want nothing", names)
	}
}
