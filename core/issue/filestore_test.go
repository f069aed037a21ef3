package issue_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/issue"
)

// TestMain is the other process of the tests below, where the environment says so.
func TestMain(m *testing.M) {
	path := os.Getenv("JWTMW_TEST_RING")
	switch os.Getenv("JWTMW_TEST_ROLE") {
	case "sign":
		os.Exit(signOnce(path))
	case "swap":
		swapForEver(path)
	}
	os.Exit(m.Run())
}

// other starts this test binary in a role.
func other(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "JWTMW_TEST_ROLE="+role, "JWTMW_TEST_RING="+path)
	command.Stderr = t.Output()
	return command
}

func signOnce(path string) int {
	i, err := issue.New(issue.Config{Issuer: issuerURL, Keys: issue.Ring{Store: issue.FileStore(path)}})
	if err == nil {
		var token string
		token, err = i.Sign(context.Background(), alice())
		fmt.Println(token)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// swapForEver replaces the document as fast as it can, until it is killed.
func swapForEver(path string) {
	store := issue.FileStore(path)
	for {
		old, err := store.Load(context.Background())
		if err != nil {
			panic(err)
		}
		if _, err := store.Swap(context.Background(), old, document(time.Now().UnixNano())); err != nil {
			panic(err)
		}
	}
}

// document is 4 KiB of one number, so that a torn one shows.
func document(n int64) []byte { return []byte(strings.Repeat(fmt.Sprintf("%020d\n", n), 200)) }

func whole(text []byte) bool {
	line, _, ok := bytes.Cut(text, []byte("\n"))
	return ok && bytes.Equal(text, bytes.Repeat(append(line, '\n'), 200))
}

func TestEightProcessesMakeOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "ring.json")
	outputs := make([][]byte, 8)
	var group sync.WaitGroup
	for n := range outputs {
		command := other(t, "sign", path)
		group.Go(func() {
			var err error
			if outputs[n], err = command.Output(); err != nil {
				t.Errorf("process %d: %v", n, err)
			}
		})
	}
	group.Wait()
	i := newIssuer(t, issue.Ring{Store: issue.FileStore(path)})
	want := kidOf(t, sign(t, i))
	for n, output := range outputs {
		if got := kidOf(t, string(output)); got != want {
			t.Errorf("process %d: got kid %s, want %s", n, got, want)
		}
	}
	if got := len(i.Stats()); got != 1 {
		t.Errorf("got %d keys, want 1", got)
	}
}

func TestKilledAtAnyMoment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ring")
	store := issue.FileStore(path)
	if swapped, err := store.Swap(t.Context(), nil, document(0)); !swapped || err != nil {
		t.Fatal(swapped, err)
	}
	for round := range 25 {
		command := other(t, "swap", path)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		// Once it writes, it is killed after a while that differs each time.
		before, after := mustLoad(t, store), []byte(nil)
		for after = before; bytes.Equal(after, before); after = mustLoad(t, store) {
			if !whole(after) {
				t.Fatalf("round %d: got a torn document while another process writes", round)
			}
		}
		for range round * 3 {
			if !whole(mustLoad(t, store)) {
				t.Fatalf("round %d: got a torn document", round)
			}
		}
		if err := command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = command.Wait() // says that it was killed
		left := mustLoad(t, store)
		if !whole(left) {
			t.Fatalf("round %d: got a torn document after kill -9", round)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if swapped, err := store.Swap(ctx, left, document(int64(round))); !swapped || err != nil {
			t.Fatalf("round %d: got %t and %v, want a swap after the lock's holder was killed", round, swapped, err)
		}
		cancel()
	}
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) > 3 {
		t.Errorf("got %v, want the document, the lock and at most one file left over", names)
	}
}

func mustLoad(t *testing.T, s issue.Store) []byte {
	t.Helper()
	document, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestFileStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "ring")
	store := issue.FileStore(path)
	if got, err := store.Load(t.Context()); got != nil || err != nil {
		t.Errorf("nothing there: got %q and %v, want nil", got, err)
	}
	for _, tt := range []struct {
		name     string
		old, new []byte
		swapped  bool
	}{
		{"something where nothing is", []byte("x"), []byte("a"), false},
		{"empty where nothing is", []byte{}, []byte("a"), false},
		{"the first", nil, []byte("a"), true},
		{"the first again", nil, []byte("b"), false},
		{"another one", []byte("b"), []byte("c"), false},
		{"the next", []byte("a"), []byte{}, true},
		{"nothing where empty is", nil, []byte("d"), false},
		{"from empty", []byte{}, []byte("d"), true},
	} {
		if swapped, err := store.Swap(t.Context(), tt.old, tt.new); swapped != tt.swapped || err != nil {
			t.Errorf("%s: got %t and %v, want %t", tt.name, swapped, err, tt.swapped)
		}
	}
	for name, mode := range map[string]fs.FileMode{path: 0o600, path + ".lock": 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: got %v and %v, want mode %v", name, info.Mode().Perm(), err, mode)
		}
	}
	// Whoever plants a link where the next document is written gains nothing.
	victim := filepath.Join(t.TempDir(), "victim")
	if err := errors.Join(os.WriteFile(victim, []byte("v"), 0o600), os.Symlink(victim, path+".new")); err != nil {
		t.Fatal(err)
	}
	if swapped, err := store.Swap(t.Context(), []byte("d"), []byte("e")); !swapped || err != nil {
		t.Errorf("got %t and %v, want a swap", swapped, err)
	}
	if got, err := os.ReadFile(victim); string(got) != "v" {
		t.Errorf("got %q and %v, want the link's target as it was", got, err)
	}
	if got := mustLoad(t, store); string(got) != "e" {
		t.Errorf("got %q, want what was swapped in", got)
	}
}

func TestFileStoreIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ring.json")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	i := newIssuer(t, issue.Ring{Store: issue.FileStore(path)})
	for name, f := range map[string]func(context.Context) error{"Ready": i.Ready, "Rotate": i.Rotate, "Replace": i.Replace} {
		if err := f(t.Context()); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want an error that names %s", name, err, path)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("got %v, want the empty file as it was", info)
	}
	large := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(large, make([]byte, 1<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := issue.FileStore(large).Load(t.Context()); err == nil {
		t.Error("more than 1 MiB: got no error, want one")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := issue.FileStore(path).Load(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
