package revoke_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jwtmw/jwtmw/core/revoke"
)

// counted counts the looks at its error, and ends at the last of them, if that is set.
type counted struct {
	context.Context
	looks, last int
}

func (c *counted) Err() error {
	if c.looks++; c.last > 0 && c.looks >= c.last {
		return context.Canceled
	}
	return nil
}

// named returns entries that are live for an hour, with that prefix.
func named(prefix string, n int) []revoke.Entry {
	entries := make([]revoke.Entry, n)
	for i := range entries {
		entries[i] = revoke.Entry{Issuer: issuer, ID: fmt.Sprint(prefix, i), Until: time.Now().Add(time.Hour)}
	}
	return entries
}

// ended returns entries that ended a second ago.
func ended(prefix string, n int) []revoke.Entry {
	entries := named(prefix, n)
	for i := range entries {
		entries[i].Until = time.Now().Add(-time.Second)
	}
	return entries
}

func mustAdd(t *testing.T, log interface {
	Add(context.Context, ...revoke.Entry) error
}, entries ...revoke.Entry) {
	t.Helper()
	if err := log.Add(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
}

func TestF5Places(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "revoked")
	if err := revoke.File(path).Add(t.Context(), entry()); err != nil || len(all(t, path)) != 1 {
		t.Errorf("in a directory that is missing: got %v, want it made", err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got mode %v, %v, want 0700", info.Mode(), err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/locked.lock", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ path, want string }{
		"below a file":          {filepath.Join(path, "below a file"), "mkdir"},
		"a directory":           {dir, "want a regular file"},
		"its lock, a directory": {dir + "/locked", "locked.lock"},
	} {
		if err := revoke.File(test.path).Add(t.Context(), entry()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Add got %v, want an error with %q", name, err, test.want)
		}
	}
	if _, _, err := revoke.File(dir).Since(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "want a regular file") {
		t.Errorf("a directory: Since got %v, want an error that says what it is", err)
	}
	// RFC 3339 has four digits for a year.
	late := revoke.Entry{Issuer: issuer, ID: "late", Until: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if err := revoke.File(path).Add(t.Context(), entry(), late); err == nil || len(all(t, path)) != 1 {
		t.Errorf("the year 10000: got %v and %d entries, want an error and nothing added", err, len(all(t, path)))
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := revoke.File(dir+"/x").Since(gone, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestF6Parts(t *testing.T) {
	log := revoke.File(filepath.Join(t.TempDir(), "revoked"))
	mustAdd(t, log, named("", 50_001)...)
	first, cursor, err := log.Since(t.Context(), "")
	if err != nil || len(first) != 50_000 {
		t.Errorf("got %d entries, %v, want a part of 50000", len(first), err)
	}
	rest, _, err := log.Since(t.Context(), cursor)
	if err != nil || len(rest) != 1 || rest[0].ID != "50000" {
		t.Errorf("got %v, %v, want the one entry that is left", rest, err)
	}
	leaves := &counted{Context: context.Background(), last: 2}
	if entries, next, err := log.Since(leaves, ""); !errors.Is(err, context.Canceled) || entries != nil || next != "" {
		t.Errorf("a caller who leaves meanwhile: got %d entries, %q, %v, want its context's error", len(entries), next, err)
	}
	stays := &counted{Context: context.Background()}
	if _, _, err := log.Since(stays, ""); err != nil || stays.looks != 51 {
		t.Errorf("got %d looks at the context, %v, want one at first and one for each 1000 entries", stays.looks, err)
	}
}

// A cursor of this file that names no place in it is answered from the start.
func TestF7Cursors(t *testing.T) {
	log := revoke.File(filepath.Join(t.TempDir(), "revoked"))
	mustAdd(t, log, named("", 3)...)
	_, cursor, err := log.Since(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(cursor, ".")
	for _, place := range []string{"", ".", ".x", ".-1", ".0", ".1", ".99999", ".99999999999999999999"} {
		if entries, next, err := log.Since(t.Context(), name+place); err != nil || len(entries) != 3 || next != cursor {
			t.Errorf("%q: got %d entries and cursor %s, %v, want 3 and %s", place, len(entries), next, err, cursor)
		}
	}
}

// firstLine names a file: it is another one after the file was written anew.
func firstLine(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

// A file is written anew when it has grown past 1 MiB, to twice what it was, and
// when half of it at least has ended. Nobody else makes its readers begin again.
func TestF8WhenItIsWrittenAnew(t *testing.T) {
	padded := func(size int) revoke.Entry {
		e := revoke.Entry{Issuer: issuer, ID: "e", Until: time.Now().Add(-time.Second).Truncate(time.Second)}
		line := len(fmt.Sprintf(`{"iss":"%s","jti":"","until":"%s"}`, e.Issuer, e.Until.UTC().Format(time.RFC3339Nano))) + 1
		e.ID = strings.Repeat("e", size-line)
		return e
	}
	fill := func(t *testing.T, log revoke.Log, path string, size int) {
		mustAdd(t, log, revoke.Entry{Issuer: issuer, ID: "live", Until: time.Now().Add(time.Hour)})
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		var entries []revoke.Entry
		for left := size - int(info.Size()); left > 0; {
			next := min(left, 10_000)
			if left-next < 1000 {
				next = min(left, 15_000)
			}
			entries, left = append(entries, padded(next)), left-next
		}
		mustAdd(t, log, entries...)
	}
	for _, test := range []struct {
		name string
		size int
		anew bool
	}{{"small", 10_000, false}, {"1 MiB", 1 << 20, false}, {"1 MiB and an octet", 1<<20 + 1, true}} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "revoked")
			log := revoke.File(path)
			mustAdd(t, log, entry())
			name := firstLine(t, path)
			fill(t, log, path, test.size)
			if anew := firstLine(t, path) != name; anew != test.anew {
				t.Errorf("written anew: got %t, want %t", anew, test.anew)
			}
			if info, err := os.Stat(path); err != nil || !test.anew && int(info.Size()) != test.size {
				t.Errorf("got %d octets, %v, want %d: the test fills it to the octet", info.Size(), err, test.size)
			}
		})
	}
	t.Run("live", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "revoked")
			log := revoke.File(path)
			mustAdd(t, log, named("a", 1)...)
			name := firstLine(t, path)
			mustAdd(t, log, named(strings.Repeat("x", 10_000), 120)...)
			if firstLine(t, path) != name {
				t.Error("got a file written anew whose entries are live, want it as it was")
			}
			time.Sleep(time.Hour)
			mustAdd(t, log, named("b", 1)...)
			if firstLine(t, path) != name {
				t.Error("got a file written anew that has not doubled since the last look, want it as it was")
			}
			mustAdd(t, log, ended(strings.Repeat("y", 10_000), 121)...)
			if left := all(t, path); firstLine(t, path) == name || len(left) != 1 {
				t.Errorf("got %d entries after the file has doubled, want it written anew with 1", len(left))
			}
		})
	})
}

// What goes wrong while a file is written anew is no loss: Add has done its work.
func TestF9CannotBeWrittenAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "revoked")
	log := revoke.File(path)
	if err := os.MkdirAll(path+".new/held", 0o700); err != nil {
		t.Fatal(err)
	}
	mustAdd(t, log, ended(strings.Repeat("x", 10_000), 120)...)
	mustAdd(t, log, entry())
	if got := all(t, path); len(got) != 121 {
		t.Errorf("got %d entries, want all 121", len(got))
	}
	if err := os.RemoveAll(path + ".new"); err != nil {
		t.Fatal(err)
	}
	mustAdd(t, log, named("b", 1)...)
	if got := all(t, path); len(got) != 2 {
		t.Errorf("got %d entries when nothing is in the way any more, want the 2 that are live", len(got))
	}
}
