package keyset

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memory is a Store that can fail, panic and hang.
type memory struct {
	mu       sync.Mutex // guards what follows
	data     map[string][]byte
	get, put func(context.Context) error
	puts     int
}

func newMemory() *memory {
	return &memory{data: make(map[string][]byte)}
}

func (m *memory) Get(ctx context.Context, name string) ([]byte, error) {
	if m.get != nil {
		return nil, m.get(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.data[name], nil
}

func (m *memory) Put(ctx context.Context, name string, data []byte) error {
	m.mu.Lock()
	m.puts++
	m.mu.Unlock()
	if m.put != nil {
		return m.put(ctx) // without the lock: in a bubble, the clock stands still while anybody waits for one
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data[name] = data
	return nil
}

// edit changes the members of the only entry.
func (m *memory) edit(t *testing.T, change func(entry map[string]any)) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, data := range m.data {
		entry := make(map[string]any)
		if err := json.Unmarshal(data, &entry); err != nil {
			t.Fatal(err)
		}
		change(entry)
		data, err := json.Marshal(entry)
		if err != nil {
			t.Fatal(err)
		}
		m.data[name] = data
	}
}

func TestStoreTroubleIsNeverFatal(t *testing.T) {
	full := func(context.Context) error { return errors.New("disk full") }
	stuck := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	burst := func(context.Context) error { panic("store") }
	tests := []struct {
		name     string
		get, put func(context.Context) error
		want     string
	}{
		{"Put fails", nil, full, found},
		{"Put hangs", nil, stuck, found}, // and the caller does not wait for it
		{"Put panics", nil, burst, found},
		{"Get fails", full, nil, found},
		{"Get panics", burst, nil, found},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemory()
				store.get, store.put = tt.get, tt.put
				var j journal
				o := newIssuer(ok(kids("a"))).options()
				o.Store, o.Logger = store, j.logger()
				s := JWKS(keysURL, o)
				wantAnswer(t, s, "a", tt.want, 0)
				time.Sleep(time.Minute)
				if j.count("level=WARN")+j.count("level=ERROR") == 0 {
					t.Error("want the trouble told")
				}
			})
		})
	}
}

func TestStoreIsWrittenAfterEachGoodAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		i := newIssuer(status(200, kids("a"), "Cache-Control", "max-age=600", "ETag", `"a"`))
		s := restarted(i, store)
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait() // the first answer is kept after its callers were let go
		first := maps.Clone(store.data)
		i.now(status(304, "", "Cache-Control", "max-age=600"))
		time.Sleep(9 * time.Minute)
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait()
		if store.puts != 2 || maps.EqualFunc(first, store.data, slices.Equal[[]byte]) {
			t.Errorf("got %d writes, want 2, the second after 304 with the new time", store.puts)
		}
		i.now(broken)
		time.Sleep(9 * time.Minute)
		wantAnswer(t, s, "a", found, 0)
		synctest.Wait()
		if store.puts != 2 {
			t.Errorf("got %d writes, want none after a failure", store.puts)
		}
	})
}

func TestEntriesOfTwoSourcesAreApart(t *testing.T) {
	names := make(map[string]bool)
	for _, from := range []origin{
		{address: "https://a.test/"}, {address: "https://b.test/"}, discoveryOrigin("https://a.test/", ""),
		discoveryOrigin("https://a.test", ""), discoveryOrigin("https://b.test", "https://a.test/"),
		{address: "https://a.test/../../etc/passwd"},
	} {
		name := newRemote(from, Options{}).entryName()
		if filepath.Base(name) != name || len(name) > 100 {
			t.Errorf("got name %q, want a plain file name", name)
		}
		names[name] = true
	}
	if len(names) != 6 {
		t.Errorf("got %d names for 6 sources", len(names))
	}
}

func TestDirStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	store, ctx := DirStore(dir), t.Context()
	if data, err := store.Get(ctx, "a"); data != nil || err != nil {
		t.Errorf("a miss: got %q, %v, want nil, nil", data, err)
	}
	for _, want := range []string{"one", "two"} {
		if err := store.Put(ctx, "a", []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := store.Get(ctx, "a"); string(got) != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	for path, want := range map[string]fs.FileMode{dir: 0o700, filepath.Join(dir, "a"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got mode %v, %v, want %v", path, info.Mode().Perm(), err, want)
		}
	}
	if files, err := os.ReadDir(dir); len(files) != 1 || err != nil {
		t.Errorf("got %d files, %v, want 1", len(files), err)
	}
	for _, name := range []string{"", ".", "..", "../a", "a/b", "/a", ".new-1"} {
		if err := store.Put(ctx, name, nil); err == nil {
			t.Errorf("name %q: got no error, want one", name)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := store.Put(gone, "a", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := store.Put(ctx, "taken", nil); err == nil {
		t.Error("in the place of a directory: got no error, want one")
	}
	if files, err := os.ReadDir(dir); len(files) != 2 || err != nil {
		t.Errorf("after a failure: got %d files, %v, want 2 and none of them new", len(files), err)
	}
}

// What stands in the way of a DirStore is an error and never a miss.
func TestDirStoreRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "a"), 0o700), os.WriteFile(filepath.Join(dir, "a", "b"), []byte("x"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "..", "a/b", ".new-1"} {
		_, got := DirStore(dir).Get(t.Context(), name)
		put := DirStore(dir).Put(t.Context(), name, nil)
		for _, err := range []error{got, put} {
			if err == nil || !strings.Contains(err.Error(), "want a plain file name") {
				t.Errorf("name %q: got %v, want it refused", name, err)
			}
		}
	}
	if data, err := DirStore(dir).Get(t.Context(), "a"); len(data) > 0 || err == nil {
		t.Errorf("a directory: got %q, %v, want an error", data, err)
	}
	if err := DirStore(filepath.Join(dir, "a", "b", "c")).Put(t.Context(), "x", nil); err == nil {
		t.Error("below a file: got no error, want one")
	}
}
