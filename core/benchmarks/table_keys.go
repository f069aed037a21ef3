package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"

	"github.com/go-jose/go-jose/v4"

	"github.com/jwtmw/jwtmw/core/benchmarks/charts"
)

// keyCountTable verifies one RS256 token against ever larger key sets, the token's own key in the middle.
func keyCountTable(w io.Writer, p plan) error {
	counts := []int{1, 100, 10_000, 100_000}
	if p.small {
		counts = []int{1, 100}
	}
	f := newFixture("RS256")
	others, err := otherKeys(counts[len(counts)-1] - 1)
	if err != nil {
		return err
	}
	m := markdown{columns: []string{"verify one good RS256 token"}}
	var tasks []task
	for _, count := range counts {
		m.columns = append(m.columns, fmt.Sprintf("%d keys", count))
		sized := *f
		half := (count - 1) / 2
		sized.document = documentOf(append(append(append([]jose.JSONWebKey{}, others[:half]...), f.jwk()), others[half:count-1]...)...)
		all, err := contenders(&sized)
		if err != nil {
			return err
		}
		for _, c := range all {
			tasks = append(tasks, c.on(f.token))
		}
	}
	costs, err := measure(p, tasks)
	if err != nil {
		return err
	}
	numbers := map[string][]float64{verificationRows()[0]: make([]float64, len(counts))}
	for i, maker := range makers() {
		row := []string{maker.name}
		for n := range counts {
			c := costs[n*len(makers())+i]
			row = append(row, fmt.Sprintf("%s (%s)", micros(c.median()), times(c.ratio(costs[i]))))
			numbers[maker.name] = append(numbers[maker.name], c.number())
		}
		m.add(row...)
	}
	m.write(w, "Keys in the set", "Microseconds of CPU (times the same with one key).")
	return p.draw(charts.Chart{
		Name: "keys", Title: "Verify one good RS256 token, by the size of the key set: CPU time, lower is better", X: "keys in the set", Y: cpuAxis,
		LogX: true, LogY: true, At: floats(counts), Series: seriesOf(verificationRows(), numbers),
	})
}

// otherKeys makes keys that are cheap to make and as hard to tell apart as any.
func otherKeys(count int) ([]jose.JSONWebKey, error) {
	keys := make([]jose.JSONWebKey, count)
	for i := range keys {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		keys[i] = jose.JSONWebKey{Key: private.Public(), KeyID: fmt.Sprintf("other-key-%06d", i), Algorithm: "ES256", Use: "sig"}
	}
	return keys, nil
}
