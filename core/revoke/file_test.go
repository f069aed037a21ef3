package revoke_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jwtmw/jwtmw/core/internal/storetest"
	"github.com/jwtmw/jwtmw/core/revoke"
)

// TestMain is the other process of the tests below, where the environment says so.
func TestMain(m *testing.M) {
	if path := os.Getenv("JWTMW_TEST_REVOCATIONS"); path != "" {
		addForEver(path)
	}
	os.Exit(m.Run())
}

// addForEver revokes one token after the other, and says which are on disk, until
// it is killed.
func addForEver(path string) {
	log := revoke.File(path)
	for n := 0; ; n++ {
		id := fmt.Sprintf("%d-%d", os.Getpid(), n)
		if err := log.Add(context.Background(), revoke.Entry{Issuer: issuer, ID: id, Until: time.Now().Add(time.Hour)}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(id)
	}
}

func TestLogs(t *testing.T) {
	memory, path := revoke.Memory(), filepath.Join(t.TempDir(), "revoked")
	for name, open := range map[string]func() revoke.Log{
		"Memory": func() revoke.Log { return memory },
		"File":   func() revoke.Log { return revoke.File(path) },
	} {
		t.Run(name, func(t *testing.T) { storetest.Log(t, open) })
	}
}

func all(t *testing.T, path string) []revoke.Entry {
	t.Helper()
	entries, _, err := revoke.File(path).Since(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestF1KilledWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "revoked")
	said := make(map[string]bool)
	for range 5 {
		var outs [2]strings.Builder
		var writers [2]*exec.Cmd
		for i := range writers {
			writers[i] = exec.Command(os.Args[0])
			writers[i].Env = append(os.Environ(), "JWTMW_TEST_REVOCATIONS="+path)
			writers[i].Stdout, writers[i].Stderr = &outs[i], t.Output()
			if err := writers[i].Start(); err != nil {
				t.Fatal(err)
			}
		}
		before := len(said)
		deadline := time.Now().Add(10 * time.Second)
		for len(all(t, path)) < before+20 && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond) // another process runs
		}
		for i, w := range writers {
			_ = w.Process.Signal(syscall.SIGKILL)
			_ = w.Wait()
			lines := strings.SplitAfter(outs[i].String(), "\n")
			for _, line := range lines[:len(lines)-1] {
				said[strings.TrimSpace(line)] = true
			}
		}
	}
	there := make(map[string]bool)
	for _, e := range all(t, path) {
		there[e.ID] = true
	}
	for id := range said {
		if !there[id] {
			t.Errorf("%s was on disk before its process was killed, and is gone", id)
		}
	}
	if len(said) < 50 {
		t.Errorf("got %d entries, want some from each process", len(said))
	}
}

func TestF2TornLine(t *testing.T) {
	for _, torn := range []string{"{", `{"iss":"x","jti":"torn","until":"2999-01-01T00:00:00Z"}`, strings.Repeat("x", 100_000), strings.Repeat("x", 64<<10-1)} {
		path := filepath.Join(t.TempDir(), "revoked")
		log := revoke.File(path)
		if err := log.Add(t.Context(), entry()); err != nil {
			t.Fatal(err)
		}
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = file.WriteString(torn)
		if err = errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		if got := all(t, path); len(got) != 1 {
			t.Errorf("got %d entries beside a torn line, want 1", len(got))
		}
		if err := revoke.File(path).Add(t.Context(), entry()); err != nil {
			t.Fatal(err)
		}
		if got := all(t, path); len(got) != 2 {
			t.Errorf("got %d entries after the next Add, want 2", len(got))
		}
	}
	path := filepath.Join(t.TempDir(), "revoked")
	if err := os.WriteFile(path, []byte(`{"log":"jwtm`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := all(t, path); len(got) != 0 {
		t.Errorf("a torn first line: got %v, want nothing", got)
	}
	if err := revoke.File(path).Add(t.Context(), entry()); err != nil || len(all(t, path)) != 1 {
		t.Errorf("got %v, want an entry after a torn first line", err)
	}
}

func TestF3Damage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "revoked")
	if err := revoke.File(path).Add(t.Context(), entry(), entry()); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a line of another kind":     string(good) + "hello\n",
		"an entry without until":     string(good) + `{"iss":"x","jti":"y"}` + "\n",
		"a member of another kind":   string(good) + `{"iss":"x","jti":"y","until":"2999-01-01T00:00:00Z","jti":1}` + "\n",
		"a line cut in two":          strings.Replace(string(good), `"jti"`, "\n", 1),
		"another file":               "root:x:0:0\n",
		"no header":                  string(good[strings.IndexByte(string(good), '\n')+1:]),
		"a header of another format": `{"log":"jwtmw revocations 2","name":"a"}` + "\n",
		"a name that is no name":     `{"log":"jwtmw revocations 1","name":"a.b"}` + "\n",
		"a header in part":           `{"log":"jwtmw revocations 1","name":"a","name":1}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, _, err := revoke.File(path).Since(t.Context(), ""); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want an error that names the file", err)
			}
			if got := verdict(mustList(t, revoke.Config{Log: revoke.File(path)}), token(t, nil)); got != unknown {
				t.Errorf("got %s, want %s", got, unknown)
			}
		})
	}
	for _, name := range []string{"another file", "no header"} { // nothing is written into what is no revocation log
		text := "root:x:0:0\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := revoke.File(path).Add(t.Context(), entry()); err == nil {
			t.Errorf("%s: Add got no error, want one", name)
		}
		if now, _ := os.ReadFile(path); string(now) != text {
			t.Errorf("%s: got %q, want the file as it was", name, now)
		}
	}
}

// What has ended goes when the file has grown, and a reader with an old cursor
// misses nothing.
func TestF4Compaction(t *testing.T) {
	path := filepath.Join(t.TempDir(), "revoked")
	log := revoke.File(path)
	ended := make([]revoke.Entry, 2000)
	for i := range ended {
		ended[i] = revoke.Entry{Issuer: issuer, ID: fmt.Sprint("ended", i), Until: time.Now().Add(-time.Second)}
	}
	if err := log.Add(t.Context(), entry()); err != nil {
		t.Fatal(err)
	}
	_, cursor, err := log.Since(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if err := log.Add(t.Context(), ended...); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > 1<<20+400_000 || info.Mode().Perm() != 0o600 {
		t.Errorf("got %d octets and mode %v after 5 MB of ended entries, want about 1 MiB at most and 0600", info.Size(), info.Mode())
	}
	if err := log.Add(t.Context(), revoke.Entry{Issuer: issuer, ID: "t2", Until: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	entries, _, err := log.Since(t.Context(), cursor)
	if err != nil {
		t.Fatal(err)
	}
	live := 0
	for _, e := range entries {
		if e.ID == "t1" || e.ID == "t2" {
			live++
		}
	}
	if live != 2 {
		t.Errorf("got %d live entries since an old cursor, want both", live)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 2 {
		t.Errorf("got %v, %v, want the file and its lock", files, err)
	}
	for _, file := range files {
		if info, _ := file.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got mode %v, want 0600", file.Name(), info.Mode())
		}
	}
}
