// Command benchmarks measures this module beside other verifiers and prints its tables as Markdown.
//
//	go run .            # all tables, a few minutes
//	go run . -quick     # one round: shows that everything runs, and nothing else
//	go run . -only refusals,requests
//	go run . -write # also draws the charts anew, and keeps their numbers beside them
//	go run . -draw  # draws the charts of the numbers that are kept
//
// README.md holds the last run, and says how it is measured and what it does not show.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jwtmw/jwtmw/core/benchmarks/progress"
)

func main() {
	quick := flag.Bool("quick", false, "one short round of small inputs")
	rounds := flag.Int("rounds", 61, "rounds of the interleaved run")
	slice := flag.Duration("slice", 4*time.Millisecond, "CPU time of one contender in one round")
	only := flag.String("only", "", "comma-separated tables: "+strings.Join(tableNames(), ", ")+" (default all)")
	write := flag.Bool("write", false, "draw the charts of what was measured, into "+chartDir)
	again := flag.Bool("draw", false, "measure nothing: draw the charts of the numbers in "+chartDir)
	flag.Parse()
	if *again {
		exit(redraw(chartDir))
	}
	p := plan{rounds: *rounds, slice: *slice}
	if *quick {
		p = quickPlan()
	}
	if *write {
		p.charts = chartDir
	}
	var chosen []string
	if *only != "" {
		chosen = strings.Split(*only, ",")
	}
	exit(run(os.Stdout, p, chosen))
}

// chartDir is where the charts are, seen from this directory.
const chartDir = "charts"

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// table is one part of the output.
type table struct {
	name  string
	write func(w io.Writer, p plan) error
}

func tables() []table {
	return []table{
		{"verification", verificationTable},
		{"checks", checkTable},
		{"refusals", refusalTable},
		{"keys", keyCountTable},
		{"parallel", parallelTable},
		{"requests", requestTable},
		{"revocation", revocationTable},
		{"proofs", proofTable},
		{"introspection", introspectionTable},
		{"certificates", certificateTable},
		{"proofmemory", proofMemoryTable},
		{"sign", signTable},
		{"coldstart", coldStartTable},
		{"consumers", consumerTable},
		{"jwks", documentTable},
		{"memory", memoryTable},
	}
}

func tableNames() []string {
	var names []string
	for _, t := range tables() {
		names = append(names, t.name)
	}
	return names
}

// run writes the chosen tables, all of them for an empty choice.
func run(w io.Writer, p plan, chosen []string) error {
	for _, name := range chosen {
		if !slices.Contains(tableNames(), name) {
			return fmt.Errorf("got table %q, want one of %q", name, tableNames())
		}
	}
	all := slices.DeleteFunc(tables(), func(t table) bool { return len(chosen) > 0 && !slices.Contains(chosen, t.name) })
	show := progress.Start(os.Stderr, "tables", int64(len(all)), time.Minute)
	defer show.End()
	w = show.Writer(w)
	writeEnvironment(w, p)
	for n, t := range all {
		p.shown = func(round int, task string) {
			show.Set(int64(n), fmt.Sprintf("%s, %s and others, round %d of %d", t.name, task, round+1, p.rounds))
		}
		show.Set(int64(n), t.name)
		if err := t.write(w, p); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		show.Set(int64(n+1), t.name)
	}
	return nil
}
