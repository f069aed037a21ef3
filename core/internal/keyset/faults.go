//go:build ignore

// Faults shows that a model sees what is wrong with what it is a model of: it builds a package once with each fault of the
// package's testdata/faults.tsv, and runs TestModel or TestTenantsModel on it. No file of the tree is touched. From the root
// of the repository:
//
//	go run core/internal/keyset/faults.go [-room core/internal/keyset] [-schedules 30000] [id ...]
//	go run core/internal/keyset/faults.go -room core
//
// It prints what was caught, by which seed and with which complaint, and ends with status 1 if a fault was not. It takes a few
// minutes. A fault that ends the process, or the schedule's clock, is caught as well, with a seed only where one is known.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// fault is a line of the table. In its texts \n and \t stand for themselves.
type fault struct{ id, file, old, new, breaks string }

func main() {
	room := flag.String("room", "core/internal/keyset", "the package: it has a model, and a table of faults")
	schedules := flag.Int("schedules", 30000, "how many schedules a fault may escape")
	flag.Parse()
	if err := run(*room, *schedules, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(room string, schedules int, only []string) error {
	faults, err := table(room)
	if err != nil {
		return err
	}
	missed := 0
	for _, f := range faults {
		if len(only) > 0 && !slices.Contains(only, f.id) {
			continue
		}
		start := time.Now()
		verdict, caught, err := f.try(room, schedules)
		if err != nil {
			return fmt.Errorf("%s: %w", f.id, err)
		}
		if !caught {
			missed++
		}
		fmt.Printf("%s %-12s %5.1fs  %s\n     %s\n", f.id, f.file, time.Since(start).Seconds(), f.breaks, verdict)
	}
	if missed > 0 {
		return fmt.Errorf("%d faults were not caught", missed)
	}
	return nil
}

func table(room string) (faults []fault, err error) {
	text, err := os.ReadFile(filepath.Join(room, "testdata", "faults.tsv"))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	unescape := strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace
	for _, line := range lines[1:] {
		fields := strings.Split(line, "\t")
		if len(fields) != 5 {
			return nil, fmt.Errorf("got a line of %d fields, want 5: %s", len(fields), line)
		}
		faults = append(faults, fault{fields[0], fields[1], unescape(fields[2]), unescape(fields[3]), fields[4]})
	}
	return faults, nil
}

// try runs the model on the package with the fault. A fault that does not compile, or whose text is not there exactly once,
// is an error: it would prove nothing.
func (f fault) try(room string, schedules int) (verdict string, caught bool, err error) {
	path, err := filepath.Abs(filepath.Join(room, f.file))
	if err != nil {
		return "", false, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", false, err
	}
	if n := strings.Count(string(text), f.old); n != 1 {
		return "", false, fmt.Errorf("got %q %d times in %s, want it once", f.old, n, f.file)
	}
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		return "", false, err
	}
	defer os.RemoveAll(dir)
	faulty, overlay, program := filepath.Join(dir, f.file), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "model.test")
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{path: faulty}})
	if err != nil {
		return "", false, err
	}
	if err := errors.Join(
		os.WriteFile(faulty, []byte(strings.Replace(string(text), f.old, f.new, 1)), 0o600),
		os.WriteFile(overlay, replaced, 0o600),
	); err != nil {
		return "", false, err
	}
	if out, err := exec.Command("go", "test", "-vet=off", "-overlay", overlay, "-c", "-o", program, "./"+room).CombinedOutput(); err != nil {
		return "", false, fmt.Errorf("%w\n%s", err, out)
	}
	out, err := exec.Command(program, "-test.run", "^Test(Tenants)?Model$", "-test.timeout", "5m", "-schedules", fmt.Sprint(schedules)).CombinedOutput()
	return f.verdict(string(out), err)
}

// verdict reads the output of the model.
func (f fault) verdict(out string, err error) (string, bool, error) {
	if err == nil {
		return "NOT CAUGHT", false, nil
	}
	seed := regexp.MustCompile(`seed \d+`).FindString(out)
	for _, pattern := range []string{`(?m)^ +(?:model_run|tenants_schedule)_test\.go:\d+: (.*)$`, `(?m)^panic: (.*)$`} {
		if complaint := regexp.MustCompile(pattern).FindStringSubmatch(out); complaint != nil {
			return fmt.Sprintf("caught by %s: %.160s", seed, complaint[1]), true, nil
		}
	}
	return "", false, fmt.Errorf("the test failed and says nothing: %w\n%.2000s", err, out)
}
