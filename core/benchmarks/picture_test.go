package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jwtmw/jwtmw/core/benchmarks/charts"
)

// The command that prints a table draws it, with a number for whoever is in it.
func TestRunDraws(t *testing.T) {
	p := quickPlan()
	p.charts = t.TempDir()
	if err := run(io.Discard, p, []string{"verification", "keys"}); err != nil {
		t.Fatal(err)
	}
	for name, places := range map[string]int{"verification": len(algorithms()), "keys": 2} {
		c, err := charts.Load(p.charts, name)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Series) != len(verificationRows()) {
			t.Errorf("%s: got %d series, want %d", name, len(c.Series), len(verificationRows()))
		}
		for _, s := range c.Series {
			if len(s.Values) != places {
				t.Errorf("%s, %s: got %d numbers, want %d", name, s.Name, len(s.Values), places)
			}
		}
		if own := c.Series[1]; own.Name != "jwtmw" || slices.Min(own.Values) <= 0 {
			t.Errorf("%s: got %+v, want a cost of jwtmw everywhere", name, own)
		}
		if c.Command == "" || c.Made == "" {
			t.Errorf("%s: got command %q, made %q, want both", name, c.Command, c.Made)
		}
		for _, file := range []string{name + ".svg", name + "-dark.svg"} {
			if _, err := os.Stat(filepath.Join(p.charts, file)); err != nil {
				t.Error(err)
			}
		}
	}
}

// Without the flag nothing is drawn, and a run to try things out spoils no chart.
func TestRunDrawsOnlyWhenTold(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := run(io.Discard, quickPlan(), []string{"verification"}); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob("*"); len(files) > 0 {
		t.Errorf("got files %q, want none", files)
	}
}
