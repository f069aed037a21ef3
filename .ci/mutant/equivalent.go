package main

import (
	"fmt"
	"os"
	"strings"
)

// An equivalent is a mutant that no test can kill, because the broken code does the
// same. It names no line, so that it stands when lines move.
type equivalent struct{ file, function, operator, code string }

func (m mutant) equivalent() equivalent { return equivalent{m.file, m.function, m.operator, m.code} }

// number tells apart what reads alike: the second in a function gets (2) behind its code.
func number(mutants []mutant) {
	seen := map[equivalent]int{}
	for i, m := range mutants {
		alike := m.equivalent()
		if seen[alike]++; seen[alike] > 1 {
			mutants[i].code = fmt.Sprintf("%s (%d)", m.code, seen[alike])
		}
	}
}

// readEquivalents reads a list of entries: file, function, operator and code, with
// tabs between them. The comment above an entry is the reason for it.
func readEquivalents(name string) (map[equivalent]bool, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	entries, reason, number := map[equivalent]bool{}, false, 0
	for line := range strings.Lines(string(text)) {
		number++
		part := strings.Split(strings.TrimSpace(line), "\t")
		switch {
		case part[0] == "":
			reason = false
		case strings.HasPrefix(line, "#"):
			reason = true
		case len(part) != 4:
			return nil, fmt.Errorf("%s:%d: got %d parts, want file, function, operator and code with tabs between them", name, number, len(part))
		case !reason:
			return nil, fmt.Errorf("%s:%d: no reason above this entry", name, number)
		default:
			entries[equivalent{part[0], part[1], part[2], part[3]}] = true
		}
	}
	return entries, nil
}
