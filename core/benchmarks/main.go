// Command benchmarks measures this module beside other verifiers and prints its tables as Markdown.
//
//	go run .            # all tables, a few minutes
//	go run . -quick     # one round: shows that everything runs, and nothing else
//	go run . -only refusals,requests
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
)

func main() {
	quick := flag.Bool("quick", false, "one short round of small inputs")
	rounds := flag.Int("rounds", 61, "rounds of the interleaved run")
	slice := flag.Duration("slice", 4*time.Millisecond, "CPU time of one contender in one round")
	only := flag.String("only", "", "comma-separated tables: "+strings.Join(tableNames(), ", ")+" (default all)")
	flag.Parse()
	p := plan{rounds: *rounds, slice: *slice}
	if *quick {
		p = quickPlan()
	}
	var chosen []string
	if *only != "" {
		chosen = strings.Split(*only, ",")
	}
	if err := run(os.Stdout, p, chosen); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
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
	writeEnvironment(w, p)
	for _, t := range tables() {
		if len(chosen) > 0 && !slices.Contains(chosen, t.name) {
			continue
		}
		if err := t.write(w, p); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return nil
}
