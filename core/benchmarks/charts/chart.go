// Package charts draws the tables of core/benchmarks as SVG, for light and for dark
// pages. Equal numbers make equal files.
package charts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Chart is the numbers of one picture. As JSON it lies beside the picture, so that it
// can be drawn anew without measuring anew.
type Chart struct {
	Name    string // of the files, without what comes after the point
	Title   string
	Command string // makes the numbers
	Made    string // when, and with what

	X, Y       string    // what the axes show
	LogX, LogY bool      // an axis of powers of ten
	Groups     []string  `json:",omitempty"` // bars beside each other; empty for lines
	At         []float64 `json:",omitempty"` // where on the X axis the values of a line are
	Marks      []float64 `json:",omitempty"` // of an X axis of lines, from its one end to the other; default: powers of ten, or as it fits
	Series     []Series
}

// Series is what has one colour: a bar in each group, or a line.
type Series struct {
	Name   string
	Values []float64 // as many as there are groups or places; 0 where there is none
}

func (c Chart) validate() error {
	var errs []error
	places := len(c.Groups) + len(c.At)
	if c.Name == "" || filepath.Base(c.Name) != c.Name {
		errs = append(errs, fmt.Errorf("got name %q, want that of a file", c.Name))
	}
	if len(c.Groups) > 0 == (len(c.At) > 0) {
		errs = append(errs, fmt.Errorf("got %d groups and %d places, want either bars or lines", len(c.Groups), len(c.At)))
	}
	if len(c.Series) == 0 || len(c.Series) > len(light.series) {
		errs = append(errs, fmt.Errorf("got %d series, want 1 to %d", len(c.Series), len(light.series)))
	}
	for _, s := range c.Series {
		if len(s.Values) != places {
			errs = append(errs, fmt.Errorf("%s: got %d values, want %d", s.Name, len(s.Values), places))
		}
	}
	return errors.Join(errs...)
}

// Load reads the numbers of a chart from a directory.
func Load(dir, name string) (Chart, error) {
	text, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if err != nil {
		return Chart{}, err
	}
	var c Chart
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return Chart{}, fmt.Errorf("%s.json: %w", name, err)
	}
	return c, nil
}

// Save writes the numbers and both pictures into a directory: NAME.json, NAME.svg for
// light pages and NAME-dark.svg.
func (c Chart) Save(dir string) error {
	files, err := c.files()
	if err != nil {
		return fmt.Errorf("chart %q: %w", c.Name, err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (c Chart) files() (map[string][]byte, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	numbers, err := json.MarshalIndent(c, "", "\t")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{c.Name + ".json": append(numbers, '\n')}
	for suffix, theme := range map[string]theme{"": light, "-dark": dark} {
		if files[c.Name+suffix+".svg"], err = c.draw(theme); err != nil {
			return nil, err
		}
	}
	return files, nil
}
