package progress

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLine(t *testing.T) {
	for _, test := range []struct {
		name    string
		total   int64
		done    int64
		note    string
		elapsed time.Duration
		want    string
	}{
		{"nothing done", 10, 0, "", 3 * time.Second, "soak: 0 %, 3s gone"},
		{"a quarter", 100, 25, "no wrong verdict", time.Minute, "soak: 25 %, 1m0s gone, about 3m0s left: no wrong verdict"},
		{"all", 100, 100, "", time.Hour, "soak: 100 %, 1h0m0s gone"},
		{"more than all", 100, 300, "", time.Hour, "soak: 100 %, 1h0m0s gone"},
		{"no work", 0, 0, "", 0, "soak: 0 %, 0s gone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWork("soak", test.total)
			w.Set(test.done, test.note)
			if got := w.line(test.elapsed); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// What is no terminal gets lines, and no control characters.
func TestLogGetsPlainLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := Start(file, "tables", 4, time.Hour)
	w.Add(3, "keys")
	w.Add(1, "requests")
	w.End()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text); !strings.HasPrefix(got, "tables: 100 %") || !strings.HasSuffix(got, ": requests\n") || strings.ContainsAny(got, "\r\x1b") {
		t.Errorf("got %q, want one plain line", got)
	}
}

// A terminal gets a bar.
func TestBar(t *testing.T) {
	var out strings.Builder
	w := newWork("tables", 2)
	w.Add(1, "keys")
	w.ended.Go(func() { w.draw(&out) })
	w.End()
	if got := out.String(); !strings.Contains(got, "tables keys") || !strings.Contains(got, "50%") {
		t.Errorf("got %q, want half a bar with its name", got)
	}
}
