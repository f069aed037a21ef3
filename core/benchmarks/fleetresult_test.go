package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/benchmarks/charts"
)

// fleetTable is what two days of one fleet came to.
type fleetTable struct {
	verifiers int
	seed      uint64
	days      [2]*fleet // each by itself, with a shared Store
}

func fleetResult(n int, seed uint64, alone, shared *fleet) fleetTable {
	return fleetTable{n, seed, [2]*fleet{alone, shared}}
}

// markdown is the table of README.md.
func (f fleetTable) markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "    %s\n\n", fleetCommand(f.verifiers, f.seed))
	fmt.Fprintf(&out, "| requests to the issuer, %d verifiers | %s: all | a second | worst second | %s: all | a second | worst second |\n|%s\n",
		f.verifiers, alone, shared, strings.Repeat("---|", 7))
	for _, p := range phases() {
		fmt.Fprintf(&out, "| %s |", p.name)
		for _, d := range f.days {
			total, worst := d.issuer.asked(p.from, p.till)
			fmt.Fprintf(&out, " %d | %s | %d |", total, times(float64(total)/(p.till-p.from).Seconds()), worst)
		}
		fmt.Fprintln(&out)
	}
	fmt.Fprintf(&out, "\n| the fleet | %s | %s |\n|---|---|---|\n", alone, shared)
	for _, row := range []struct {
		name string
		cell func(*fleet) any
	}{
		{"good tokens judged", func(f *fleet) any { return f.good.Load() }},
		{"good tokens refused", func(f *fleet) any { return f.refused.Load() }},
		{"invented kids judged", func(f *fleet) any { return f.invented.Load() }},
		{"invented kids that passed", func(f *fleet) any { return f.passed.Load() }},
		{"a key published ahead: the last verifier has it after", func(f *fleet) any { return f.learning(0) }},
		{"a key that signs at once: the last verifier has it after", func(f *fleet) any { return f.learning(1) }},
	} {
		fmt.Fprintf(&out, "| %s | %v | %v |\n", row.name, row.cell(f.days[0]), row.cell(f.days[1]))
	}
	return out.String()
}

func (f *fleet) learning(key int) time.Duration {
	return time.Duration(f.learnt[key].Load()).Round(time.Second)
}

// save draws the worst second of each ten minutes.
func (f fleetTable) save() error {
	const step = 10 * time.Minute
	c := charts.Chart{
		Name: "fleetday", Title: fmt.Sprintf("A day of %d verifiers: what their issuer is asked, the worst second of each ten minutes", f.verifiers),
		Command: fleetCommand(f.verifiers, f.seed), Made: "simulated: testing/synctest",
		X: "hour of the day", Y: "requests in a second", LogY: true, Marks: []float64{0, 3, 6, 9, 12, 15, 18, 21, 24},
		Series: []charts.Series{{Name: "each verifier by itself"}, {Name: "with a shared Store"}},
	}
	for from := time.Duration(0); from < day; from += step {
		c.At = append(c.At, (from + step/2).Hours())
		for n, d := range f.days {
			_, worst := d.issuer.asked(from, from+step)
			c.Series[n].Values = append(c.Series[n].Values, float64(worst))
		}
	}
	return c.Save("charts")
}
