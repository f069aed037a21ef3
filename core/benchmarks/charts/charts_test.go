package charts

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What lies here is what its numbers make, each time.
func TestPicturesAreThoseOfTheirNumbers(t *testing.T) {
	for _, name := range []string{"verification", "keys", "fleetday"} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				c, err := Load(".", name)
				if err != nil {
					t.Fatal(err)
				}
				files, err := c.files()
				if err != nil {
					t.Fatal(err)
				}
				if len(files) != 3 {
					t.Errorf("got %q, want numbers and two pictures", slices.Sorted(maps.Keys(files)))
				}
				for file, want := range files {
					if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
						t.Errorf("%s: got %d octets, %v, want the %d that the numbers make: go run . -draw", file, len(got), err, len(want))
					}
				}
			}
		})
	}
}

func bars() Chart {
	return Chart{
		Name: "b", Title: "a title", Y: "µs", Groups: []string{"RS256", "ES256"},
		Series: []Series{{"one", []float64{1, 2}}, {"two", []float64{3, 0}}, {"none", []float64{0, 0}}},
	}
}

func lines() Chart {
	return Chart{
		Name: "l", Title: "a title", X: "keys", Y: "µs", LogX: true, LogY: true, At: []float64{1, 1000},
		Series: []Series{{"one", []float64{0, 2}}, {"two", []float64{300, 4}}},
	}
}

// A picture is well-formed, names what it shows, and leaves the background to the page.
func TestPicture(t *testing.T) {
	for _, test := range []struct {
		chart Chart
		words []string
	}{
		{bars(), []string{"a title", "µs", "RS256", "ES256", "one", "two"}},
		{lines(), []string{"a title", "keys", "µs", "1000", "one", "two"}},
	} {
		for _, theme := range []theme{light, dark} {
			svg, err := test.chart.draw(theme)
			if err != nil {
				t.Fatal(err)
			}
			texts := textsOf(t, svg)
			for _, word := range test.words {
				if !slices.Contains(texts, word) {
					t.Errorf("%s: got texts %q, want %q among them", test.chart.Name, texts, word)
				}
			}
			if slices.Contains(texts, "none") {
				t.Errorf("%s: got a legend for a series without values", test.chart.Name)
			}
			if text := string(svg); strings.Contains(text, "fill-opacity") || strings.Contains(text, "NaN") || !strings.Contains(text, "sans-serif") {
				t.Errorf("%s: got %.400s, want no background, no NaN, and a font that every system has", test.chart.Name, text)
			}
		}
	}
}

func textsOf(t *testing.T, svg []byte) (texts []string) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok {
			texts = append(texts, string(bytes.TrimSpace(text)))
		}
	}
}

func TestSaveRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(*Chart)
		want  string
	}{
		{"no name", func(c *Chart) { c.Name = "" }, "name"},
		{"a name elsewhere", func(c *Chart) { c.Name = "../x" }, "name"},
		{"bars and lines", func(c *Chart) { c.At = []float64{1, 2} }, "either bars or lines"},
		{"neither", func(c *Chart) { c.Groups = nil }, "either bars or lines"},
		{"no series", func(c *Chart) { c.Series = nil }, "1 to 7"},
		{"more series than colours", func(c *Chart) { c.Series = slices.Repeat(c.Series, 3) }, "1 to 7"},
		{"a value too few", func(c *Chart) { c.Series[0].Values = []float64{1} }, "one: got 1 values, want 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, dir := bars(), t.TempDir()
			test.spoil(&c)
			if err := c.Save(dir); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) > 0 {
				t.Errorf("got files %q, want none", files)
			}
		})
	}
}

func TestLoadReadsWhatSaveWrote(t *testing.T) {
	dir, want := t.TempDir(), lines()
	if err := want.Save(dir); err != nil {
		t.Fatal(err)
	}
	got, err := Load(dir, want.Name)
	if err != nil || got.Title != want.Title || !slices.Equal(got.Series[1].Values, want.Series[1].Values) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "l.json"), []byte(`{"Colour":"red"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, "l"); err == nil || !strings.Contains(err.Error(), "Colour") {
		t.Errorf("got %v, want an unknown member refused", err)
	}
}
