package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// tally counts what was answered.
type tally struct {
	mu       sync.Mutex // guards what follows
	verdicts map[verdict]int
	slowest  map[string]time.Duration // by kind
	happened map[string]int
	total    int
	wrongs   int
	out      io.Writer
}

// verdict is how requests of a kind were answered.
type verdict struct{ kind, got string }

func (t *tally) count(kind, got string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.verdicts == nil {
		t.verdicts, t.slowest = map[verdict]int{}, map[string]time.Duration{}
	}
	t.verdicts[verdict{kind, got}]++
	t.slowest[kind] = max(t.slowest[kind], took)
	t.total++
}

// note counts what was done to the world.
func (t *tally) note(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.happened == nil {
		t.happened = map[string]int{}
	}
	t.happened[what]++
}

// wrongsShown bounds what is printed: one mistake may show in every request.
const wrongsShown = 20

func (t *tally) wrong(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wrongs++; t.wrongs <= wrongsShown && t.out != nil {
		fmt.Fprintf(t.out, "WRONG %s\n", text)
	}
}

func (t *tally) counts() (total, wrongs int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total, t.wrongs
}

// write prints requests by kind and verdict, and what happened meanwhile.
func (t *tally) write(w io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprint(w, "\n| request | verdicts | slowest |\n|---|---|---|\n")
	for _, kind := range slices.Sorted(maps.Keys(t.slowest)) {
		var cells []string
		for _, v := range slices.SortedFunc(maps.Keys(t.verdicts), func(a, b verdict) int { return cmp.Compare(a.got, b.got) }) {
			if v.kind == kind {
				cells = append(cells, fmt.Sprintf("%s: %d", v.got, t.verdicts[v]))
			}
		}
		fmt.Fprintf(w, "| %s | %s | %v |\n", kind, strings.Join(cells, ", "), t.slowest[kind].Round(time.Millisecond))
	}
	var happened []string
	for _, what := range slices.Sorted(maps.Keys(t.happened)) {
		happened = append(happened, fmt.Sprintf("%s: %d", what, t.happened[what]))
	}
	fmt.Fprintf(w, "\n%s.\n", strings.Join(happened, ", "))
	fmt.Fprintf(w, "\n%d requests, %d wrong verdicts.\n", t.total, t.wrongs)
}
