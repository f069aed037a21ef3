package main

import (
	"fmt"
	"io"

	"github.com/jwtmw/jwtmw/core/benchmarks/charts"
)

// algorithms has those of RFC 9964 where Go does.
func algorithms() []string {
	return append([]string{"HS256", "RS256", "PS256", "ES256", "EdDSA"}, mldsaAlgorithms()...)
}

// verificationTable compares good tokens, by algorithm.
func verificationTable(w io.Writer, p plan) error {
	cells, numbers := map[string][]string{}, map[string][]float64{}
	beyond := []string{"jwtmw beyond the primitive, of golang-jwt's"}
	for _, alg := range algorithms() {
		costs, err := verification(p, alg)
		if err != nil {
			return fmt.Errorf("%s: %w", alg, err)
		}
		for _, name := range verificationRows() {
			cells[name] = append(cells[name], verificationCell(costs, name))
			c, _ := named(costs, name) // nothing where there is none
			numbers[name] = append(numbers[name], c.number())
		}
		base, own := costs[0], costs[1]
		cell := "–"
		if golang, ok := named(costs, second); ok {
			cell = times(added(own, base).ratio(added(golang, base)))
		}
		beyond = append(beyond, cell)
	}
	m := markdown{columns: append([]string{"verify one good token"}, algorithms()...)}
	for _, name := range verificationRows() {
		m.add(append([]string{name}, cells[name]...)...)
	}
	m.add(beyond...)
	m.write(w, "Verification", "Microseconds of CPU, (times the bare primitive), allocations.")
	err := p.draw(charts.Chart{
		Name: "verification", Title: "Verify one good token: CPU time, shorter is better", Y: cpuAxis,
		Groups: algorithms(), Series: seriesOf(verificationRows(), numbers),
	})
	if err != nil {
		return err
	}
	return writeTokenCache(w, p)
}

func verificationRows() []string {
	rows := []string{"bare primitive"}
	for _, m := range makers() {
		rows = append(rows, m.name)
	}
	return rows
}

// verification measures the primitive, then every contender.
func verification(p plan, alg string) ([]cost, error) {
	f := newFixture(alg)
	bare, err := primitive(f)
	if err != nil {
		return nil, err
	}
	all, err := contenders(f)
	if err != nil {
		return nil, err
	}
	tasks := []task{bare}
	for _, c := range all {
		tasks = append(tasks, c.on(f.token))
	}
	return measure(p, tasks)
}

func verificationCell(costs []cost, name string) string {
	c, ok := named(costs, name)
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%s (%s) %.0f", micros(c.median()), times(c.ratio(costs[0])), c.allocs)
}

// writeTokenCache compares a token that is remembered with the same token verified.
func writeTokenCache(w io.Writer, p plan) error {
	f := newFixture("RS256")
	whole, err := newJwtmw(f)
	if err != nil {
		return err
	}
	cached, err := newJwtmwCached(f)
	if err != nil {
		return err
	}
	costs, err := measure(p, []task{
		contender{"verified each time", whole}.on(f.token),
		contender{"remembered (TokenCache)", cached}.on(f.token),
	})
	if err != nil {
		return err
	}
	m := markdown{columns: []string{"jwtmw, RS256", "µs", "of the whole", "allocations"}}
	for _, c := range costs {
		m.add(c.name, micros(c.median()), times(c.ratio(costs[0])), fmt.Sprintf("%.0f", c.allocs))
	}
	m.write(w, "A token seen before", "The same token again and again.")
	return nil
}
