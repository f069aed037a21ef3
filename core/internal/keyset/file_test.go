package keyset

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// edit replaces a file and gives it the bubble's time, because two edits may lie within one tick of the real clock.
func edit(t *testing.T, path, document string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	synctest.Test(t, func(t *testing.T) {
		var j journal
		s := File(path, Options{Logger: j.logger()})
		next := func() { time.Sleep(fileLook) }

		wantAnswer(t, s, "a", unavailable, 0)
		wantState(t, s, StateEmpty)
		if _, down := errors.AsType[*UnavailableError](s.Ready(t.Context())); !down {
			t.Error("no file: got no *UnavailableError from Ready, want one")
		}
		edit(t, path, `{"keys":[]}`)
		next()
		wantAnswer(t, s, "a", unavailable, 0)

		edit(t, path, kids("a"))
		wantAnswer(t, s, "a", unavailable, 0) // looked at once a second at most
		next()
		wantAnswer(t, s, "a", found, 0)
		wantAnswer(t, s, "b", unknown, 0)
		wantState(t, s, StateFresh)

		edit(t, path, kids("b"))
		next()
		wantAnswer(t, s, "b", found, 0)
		wantAnswer(t, s, "a", unknown, 0)

		edit(t, path, kids("c")[:40]) // a broken edit
		for range 3 {
			next()
			wantAnswer(t, s, "b", found, 0)
			wantAnswer(t, s, "c", unavailable, 0)
		}
		wantState(t, s, StateStale)
		if err := s.Ready(t.Context()); err != nil || s.Stats().LastError == "" {
			t.Errorf("broken edit: got %v and %q, want ready and the error told", err, s.Stats().LastError)
		}

		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			next()
			wantAnswer(t, s, "b", found, 0)
		}
		edit(t, path, kids("c"))
		next()
		wantAnswer(t, s, "c", found, 0)
		wantState(t, s, StateFresh)
		if s.Stats().LastError != "" {
			t.Errorf("got %q after a good edit, want no error", s.Stats().LastError)
		}
		synctest.Wait()
		if changed, broken := j.count("keys changed"), j.count("key file cannot be used"); changed != 3 || broken != 4 {
			t.Errorf("got %d changes and %d complaints in the log, want 3 and 4", changed, broken)
		}
	})
}

func TestFileIsReadOnlyWhenItChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	synctest.Test(t, func(t *testing.T) {
		edit(t, path, kids("a"))
		s := File(path, Options{})
		for range 5 {
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() { wantAnswer(t, s, "a", found, 0) })
			}
			wg.Wait()
			time.Sleep(fileLook)
		}
		if got := s.Stats().Fetches; got != 1 {
			t.Errorf("got %d readings, want 1", got)
		}
		// The same file at the same time, of another size.
		edit(t, path, kids("a")+" ")
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		wantAnswer(t, s, "a", found, 0)
		time.Sleep(fileLook)
		if err := os.WriteFile(path, []byte(kids("a", "c")), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		wantAnswer(t, s, "c", found, 0)
		time.Sleep(fileLook)
		// Another file of the same size and time, as "cp -p" and a swapped symbolic link make it.
		edit(t, path+".new", kids("b", "d"))
		if err := os.Chtimes(path+".new", info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		wantAnswer(t, s, "b", found, 0)
	})
}

func TestFileLimits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, []byte(kids("a", "b")), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, limits := range map[string]Options{"octets": {MaxBytes: 100}, "keys": {MaxKeys: 1}} {
		if got, _ := ask(File(path, limits), "a"); got != unavailable {
			t.Errorf("%s: got %s, want %s", name, got, unavailable)
		}
	}
	if got, _ := ask(File(t.TempDir(), Options{}), "a"); got != unavailable {
		t.Errorf("a directory: got %s, want %s", got, unavailable)
	}
}

func TestFileAllocatesNothingBetweenLooks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	synctest.Test(t, func(t *testing.T) {
		edit(t, path, kids("a"))
		s := File(path, Options{})
		wantAnswer(t, s, "a", found, 0)
		ctx := context.Background()
		if got := testing.AllocsPerRun(100, func() { _, _, _ = s.Key(ctx, "a", true, "ES256") }); got != 0 {
			t.Errorf("got %v allocations, want 0", got)
		}
	})
}
