package keyset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/jws"
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

// What a file that changes leaves in Stats, in the Hooks, and in the answers while it cannot be used.
func TestFileTells(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jwks.json")
	synctest.Test(t, func(t *testing.T) {
		var told []string
		s := File(path, Options{Hooks: Hooks{
			Fetched: func(f Fetched) { told = append(told, fmt.Sprintf("read %d keys, failed %t", f.Keys, f.Err != nil)) },
			Changed: func(c Changed) {
				told = append(told, fmt.Sprintf("%d keys, %d new, %d gone", c.Keys, c.Added, c.Removed))
			},
			State: func(from, to string) { told = append(told, from+" to "+to) },
		}})
		unavailableFor := func(kid string) {
			t.Helper()
			_, answered, err := s.Key(t.Context(), kid, true, jws.ES256)
			down, ok := errors.AsType[*UnavailableError](err)
			if !ok || down.RetryAfter != time.Second || down.Err == nil || !answered.Equal(time.Now()) {
				t.Errorf("kid %q: got %v as of %s, want unavailable for a second, and why", kid, err, answered)
			}
		}
		wantStats := func(want Stats) {
			t.Helper()
			got := s.Stats()
			if want.LastError = got.LastError; (want.LastError != "") != (want.State != StateFresh) || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
		start := time.Now()
		unavailableFor("a")
		if _, _, err := s.Key(t.Context(), "a", true, jws.ES256); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want the reason why there is no file", err)
		}
		if err := s.Ready(t.Context()); err == nil {
			t.Error("Ready: got no error without a file")
		}
		wantStats(Stats{State: StateEmpty, Fetches: 1, Failures: 1, LastFailure: start})

		time.Sleep(time.Second)
		edit(t, path, kids("a"))
		wantAnswer(t, s, "a", found, 0)
		wantAnswer(t, s, "b", unknown, 0)
		time.Sleep(500 * time.Millisecond)
		stats := Stats{
			State: StateFresh, Keys: 1, Skipped: map[string]int{}, Age: 500 * time.Millisecond,
			Fetches: 2, Failures: 1, LastSuccess: start.Add(time.Second), LastFailure: start,
		}
		wantStats(stats)

		edit(t, path, "{}")
		wantAnswer(t, s, "b", unknown, 0) // it is not time for a look
		time.Sleep(500 * time.Millisecond)
		unavailableFor("b")
		wantAnswer(t, s, "a", found, 0)
		stats.State, stats.Age, stats.Fetches, stats.Failures, stats.LastFailure = StateStale, time.Second, 3, 2, start.Add(2*time.Second)
		wantStats(stats)
		time.Sleep(time.Second)
		wantAnswer(t, s, "a", found, 0) // a look that finds nothing new tells nobody
		synctest.Wait()
		want := []string{
			"read 0 keys, failed true", "read 1 keys, failed false", "1 keys, 1 new, 0 gone", "empty to fresh", "read 1 keys, failed true", "fresh to stale",
		}
		if !slices.Equal(told, want) {
			t.Errorf("got Hooks told %q, want %q", told, want)
		}
	})
}

// A file may be as long as the limit, and what is longer is not cut to it.
func TestFileOfTheGreatestLength(t *testing.T) {
	path, document := filepath.Join(t.TempDir(), "jwks.json"), kids("a")
	for text, want := range map[string]string{document: found, document + " ": unavailable} {
		edit(t, path, text)
		if got, _ := ask(File(path, Options{MaxBytes: int64(len(document))}), "a"); got != want {
			t.Errorf("%d octets of at most %d: got %s, want %s", len(text), len(document), got, want)
		}
	}
}
