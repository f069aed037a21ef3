package main

import (
	"math"
	"time"

	"github.com/jwtmw/jwtmw/core/benchmarks/charts"
)

// cpuAxis is what most charts show.
const cpuAxis = "µs of CPU"

// chartNames are the charts that can be drawn from the numbers of an earlier run.
func chartNames() []string { return []string{"verification", "keys", "fleetday"} }

// draw writes a chart and its numbers, unless none is wanted.
func (p plan) draw(c charts.Chart) error {
	if p.charts == "" {
		return nil
	}
	c.Command, c.Made = "go run . -write", environment(p)
	return c.Save(p.charts)
}

// redraw makes the pictures of the numbers that lie in a directory.
func redraw(dir string) error {
	for _, name := range chartNames() {
		c, err := charts.Load(dir, name)
		if err != nil {
			return err
		}
		if err := c.Save(dir); err != nil {
			return err
		}
	}
	return nil
}

// number is the median in microseconds, as exact as a chart shows it.
func (c cost) number() float64 {
	if len(c.rounds) == 0 {
		return 0
	}
	return math.Round(100*float64(c.median())/float64(time.Microsecond)) / 100
}

// seriesOf has the rows of a table, in their order, so that each has the same colour
// in every chart.
func seriesOf(rows []string, numbers map[string][]float64) (all []charts.Series) {
	for _, name := range rows {
		all = append(all, charts.Series{Name: name, Values: numbers[name]})
	}
	return all
}

func floats(counts []int) (all []float64) {
	for _, n := range counts {
		all = append(all, float64(n))
	}
	return all
}
