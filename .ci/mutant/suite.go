package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// environment chooses the mutant of a test run: its number, or a file for the
// numbers of those that the run reaches.
const environment = "JWTMW_MUTANT"

// helper stands beside the package's files while they are tested.
const helper = `package %s

import (
	"os"
	"strconv"
	"sync/atomic"
)

var (
	mutantOn_, _ = strconv.Atoi(os.Getenv("` + environment + `"))
	mutantLog_   = func() *os.File {
		if name := os.Getenv("` + environment + `"); len(name) > 0 && name[0] == '/' {
			log, _ := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			return log
		}
		return nil
	}()
	mutantSeen_ [%d]atomic.Bool
)

func mutant_(id int) bool {
	if mutantLog_ != nil && !mutantSeen_[id].Load() && !mutantSeen_[id].Swap(true) {
		mutantLog_.WriteString(strconv.Itoa(id) + "\n")
	}
	return id == mutantOn_
}

func mutantPick_[T any](id int, broken, right T) T {
	if mutant_(id) {
		return broken
	}
	return right
}

func mutantError_(id int, right error) error {
	if right != nil && mutant_(id) {
		return nil
	}
	return right
}

func mutantNil_[T any](id int, right *T) *T {
	if right != nil && mutant_(id) {
		return nil
	}
	return right
}
`

// A test is one test function of a suite.
type test struct {
	binary, dir, name string
	took              time.Duration
	reaches           map[int]bool
}

// build compiles the tests of each directory against the package with its mutants,
// and measures what each test takes and reaches.
func build(scratch, dir string, suites []string, mutants *[]mutant) ([]*test, error) {
	overlay, err := overlayOf(scratch, dir, mutants)
	if err != nil {
		return nil, err
	}
	var tests []*test
	for i, suite := range suites {
		binary := filepath.Join(scratch, strconv.Itoa(i)+".test")
		if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, suite).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s with its mutants: %w\n%s", dir, err, out)
		}
		list := exec.Command(binary, "-test.list", ".")
		list.Dir = suite
		out, err := list.Output()
		if err != nil {
			return nil, err
		}
		for name := range strings.FieldsSeq(string(out)) {
			if t := (&test{binary: binary, dir: suite, name: name}); strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Example") || strings.HasPrefix(name, "Fuzz") {
				if err := t.measure(filepath.Join(scratch, "reached")); err != nil {
					return nil, err
				}
				tests = append(tests, t)
			}
		}
	}
	return tests, nil
}

// overlayOf writes the broken files of a package, and the document that lays them over its own.
func overlayOf(scratch, dir string, mutants *[]mutant) (string, error) {
	files, fset, info, err := load(dir)
	if err != nil {
		return "", err
	}
	replace, pkg := map[string]string{}, ""
	write := func(name, text string) {
		replaced, _ := filepath.Abs(name)
		replace[replaced] = filepath.Join(scratch, filepath.Base(name))
		err = errors.Join(err, os.WriteFile(replace[replaced], []byte(text), 0o600))
	}
	names := []string{}
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text, problem := os.ReadFile(name)
		err = errors.Join(err, problem)
		f := &file{name: name, text: text, fset: fset, info: info, mutants: mutants}
		broken := f.rewrite(files[name])
		if _, problem := parser.ParseFile(token.NewFileSet(), name, broken, 0); problem != nil {
			return "", problem
		}
		write(name, broken)
		pkg = files[name].Name.Name
	}
	number(*mutants)
	write(filepath.Join(dir, "mutant_overlay.go"), fmt.Sprintf(helper, pkg, len(*mutants)+1))
	document, problem := json.Marshal(map[string]any{"Replace": replace})
	overlay := filepath.Join(scratch, "overlay.json")
	return overlay, errors.Join(err, problem, os.WriteFile(overlay, document, 0o600))
}

// measure runs a test alone, which must pass before anything is broken.
func (t *test) measure(reached string) error {
	defer os.Remove(reached)
	began := time.Now()
	_, err := run(t.binary, t.dir, reached, 10*time.Minute, t.name)
	if t.took = time.Since(began); err != nil {
		// Some count what is allocated: those pass where nothing is recorded.
		if out, err := run(t.binary, t.dir, "0", 10*time.Minute, t.name); err != nil {
			return fmt.Errorf("%s of %s fails before anything is broken: %w\n%s", t.name, t.dir, err, out)
		}
	}
	log, err := os.ReadFile(reached)
	t.reaches = map[int]bool{}
	for line := range strings.FieldsSeq(string(log)) {
		id, problem := strconv.Atoi(line)
		err = errors.Join(err, problem)
		t.reaches[id] = true
	}
	return err
}

// run runs the tests of that name, or all, with a mutant.
func run(binary, dir, mutant string, timeout time.Duration, names ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	command := exec.CommandContext(ctx, binary, "-test.short", "-test.failfast", "-test.timeout=0")
	if len(names) > 0 {
		command.Args = append(command.Args, "-test.run", "^("+strings.Join(names, "|")+")$")
	}
	command.Dir, command.Env = dir, append(os.Environ(), environment+"="+mutant)
	command.WaitDelay = time.Second
	out, err := command.CombinedOutput()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return out, err
}

// kills says whether a test notices the mutant, quick ones first, and how many reach it.
func kills(id int, tests []*test) (killed, late bool, reach int) {
	var reaching []*test
	for _, t := range tests {
		if t.reaches[id] {
			reaching = append(reaching, t)
		}
	}
	slices.SortStableFunc(reaching, func(a, b *test) int { return int(a.took - b.took) })
	for rest, budget := reaching, time.Second; len(rest) > 0; budget *= 5 {
		took, names, binary := time.Duration(0), []string{}, rest[0]
		for len(rest) > 0 && rest[0].binary == binary.binary && (len(names) == 0 || took < budget) {
			took, names, rest = took+rest[0].took, append(names, rest[0].name), rest[1:]
		}
		if _, err := run(binary.binary, binary.dir, strconv.Itoa(id), 10*time.Second+3*took, names...); err != nil {
			return true, errors.Is(err, context.DeadlineExceeded), len(reaching)
		}
	}
	return false, false, len(reaching)
}
