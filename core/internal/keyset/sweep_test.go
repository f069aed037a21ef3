package keyset

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// K19: a process that was killed during Put leaves its new file, which nobody would ever replace.
func TestK19DirStoreSweepsWhatAKillLeft(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{".new-old": time.Hour, ".new-young": 0, "jwks-a.json": time.Hour} {
		path, then := filepath.Join(dir, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, then, then)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, ".new-dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	if data, err := DirStore(dir).Get(t.Context(), "other"); data != nil || err != nil {
		t.Errorf("got %q, %v, want a miss", data, err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range files {
		got = append(got, file.Name())
	}
	if want := []string{".new-dir", ".new-young", "jwks-a.json"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q: the old new file gone, and nothing else", got, want)
	}
}

// K19: what another process may still be writing stays for a minute, by the clock of this machine.
func TestK19SweepSparesWhatIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		for name, age := range map[string]time.Duration{".new-a": newFor, ".new-b": newFor + time.Microsecond} {
			path, then := filepath.Join(dir, name), time.Now().Add(-age)
			if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, then, then)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := DirStore(dir).Get(t.Context(), "other"); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 1 || files[0].Name() != ".new-a" {
			t.Errorf("got %v, %v, want .new-a alone", files, err)
		}
	})
}

// K19: a directory is left, whatever its name and its age.
func TestK19SweepLeavesDirectories(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, ".new-old")
	if err := errors.Join(os.Mkdir(old, 0o700), os.Chtimes(old, time.Now().Add(-time.Hour), time.Now().Add(-time.Hour))); err != nil {
		t.Fatal(err)
	}
	if _, err := DirStore(dir).Get(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(old); err != nil {
		t.Errorf("got %v, want the directory left", err)
	}
}
