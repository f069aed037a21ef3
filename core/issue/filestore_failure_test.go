package issue_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jwtmw/jwtmw/core/issue"
)

// A Swap that fails says so, and leaves what was there.
func TestFileStoreFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		damage func(path string) error
		want   string // in the error
		loads  bool   // though nothing can be swapped
	}{
		{"a directory in its place", func(path string) error { return os.Mkdir(path, 0o700) }, "is a directory", false},
		{"a document of more than 1 MiB", func(path string) error { return os.WriteFile(path, make([]byte, 1<<20+1), 0o600) }, "got more than 1048576", false},
		{"a directory where the next one is written", func(path string) error { return os.MkdirAll(filepath.Join(path+".new", "x"), 0o700) }, "not empty", true},
		{"a file in place of its directory", func(path string) error {
			return errors.Join(os.Remove(filepath.Dir(path)), os.WriteFile(filepath.Dir(path), nil, 0o600))
		}, "not a directory", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "deep", "ring")
			if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o700), tt.damage(path)); err != nil {
				t.Fatal(err)
			}
			store := issue.FileStore(path)
			if swapped, err := store.Swap(t.Context(), nil, []byte("a")); swapped || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Swap: got %t and %v, want an error with %q", swapped, err, tt.want)
			}
			document, err := store.Load(t.Context())
			if document != nil || (err == nil) != tt.loads || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load: got %q and %v, want none and the error %t", document, err, !tt.loads)
			}
		})
	}
}

func TestLargestDocument(t *testing.T) {
	store := issue.FileStore(filepath.Join(t.TempDir(), "ring"))
	if swapped, err := store.Swap(t.Context(), nil, make([]byte, 1<<20)); !swapped || err != nil {
		t.Fatalf("got %t and %v, want a swap", swapped, err)
	}
	if got := len(mustLoad(t, store)); got != 1<<20 {
		t.Errorf("got %d octets, want 1 MiB", got)
	}
}
