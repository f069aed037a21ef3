// Command mutant breaks a package in one place at a time and names each break that
// no test notices. All breaks are compiled in at once, each behind a condition, and
// one is chosen for a run; only the tests that reach it run. .ci/mutate starts it.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const list = ".ci/mutate.equivalent"

var (
	sample = flag.Int("n", 0, "try `COUNT` mutants of each package; default: all")
	seed   = flag.Uint64("seed", 1, "choose the sample by `SEED`")
	only   = flag.String("files", "", "try the mutants of the files whose names match `REGEXP` alone")
)

func main() {
	flag.Parse()
	equivalents, err := readEquivalents(list)
	failed := false
	for _, dir := range flag.Args() {
		if err == nil {
			var survived int
			survived, err = try(filepath.Clean(dir), equivalents)
			failed = failed || survived > 0
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if failed {
		os.Exit(1)
	}
}

// try tests one package and says how many of its mutants survived that the list does not name.
func try(dir string, equivalents map[equivalent]bool) (survived int, err error) {
	scratch, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(scratch)
	suites := []string{"./" + dir}
	if strings.HasPrefix(dir, "core/internal/") {
		suites = append(suites, "./core") // whose tables are the contract of what is below it
	}
	var mutants []mutant
	tests, err := build(scratch, dir, suites, &mutants)
	if err != nil {
		return 0, err
	}
	var killed, late, unreached, listed int
	chosen, err := choose(mutants)
	for _, id := range chosen {
		m := mutants[id-1]
		dead, slow, reach := kills(id, tests)
		known := equivalents[m.equivalent()]
		where := fmt.Sprintf("%s:%d:%d %s %s: %s", m.file, m.line, m.column, m.operator, m.function, m.code)
		switch {
		case dead && known:
			survived++
			fmt.Println("listed, yet killed", where)
		case dead:
			killed++
		case known:
			listed++
		case reach == 0:
			unreached++
			fmt.Println("not reached", where)
		default:
			survived++
			fmt.Println("survived", where)
		}
		if slow {
			late++
		}
	}
	fmt.Printf("%s: %d mutants, %d killed (%d by a timeout), %d equivalent, %d survived, %d not reached by a test\n",
		dir, len(chosen), killed, late, listed, survived, unreached)
	return survived, err
}

// choose returns the numbers of the mutants to try, in order.
func choose(mutants []mutant) (ids []int, err error) {
	files, err := regexp.Compile(*only)
	if err != nil {
		return nil, err
	}
	for i, m := range mutants {
		if files.MatchString(filepath.Base(m.file)) {
			ids = append(ids, i+1)
		}
	}
	if *sample > 0 && *sample < len(ids) {
		random := rand.New(rand.NewPCG(*seed, 0))
		random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		ids = slices.Sorted(slices.Values(ids[:*sample]))
	}
	return ids, nil
}
