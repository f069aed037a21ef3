package core_test

import (
	"errors"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// floors are the files of this package, lowest floor first. A file names only
// what its own floor or a lower one declares.
var floors = []string{
	"doc algorithm mediatype reason challenge refusal mistakes mismatch request",                         // words
	"claims payload confirmation require roles claimin",                                                  // what a token says, and what it must grant
	"config keysource introspection clientauth secret secrets dpop clientcert validate env trace logger", // whom to trust, as the user says it
	"issuer introspector opaque tokenkind tenants tenanttable tenantlookup",                              // one trusted issuer, ready to judge
	"attempt possession replays headermemory tokencache verifier authenticate stats report",              // the path of one token
	"context tokensource cookie guard metadata",                                                          // the path of one request
}

// TestFloors keeps the package readable from the bottom up, and free of knots:
// at most two files need each other.
func TestFloors(t *testing.T) {
	uses, floorOf := usesBetweenFiles(t), map[string]int{}
	for floor, files := range floors {
		for file := range strings.FieldsSeq(files) {
			floorOf[file] = floor
		}
	}
	for file, needs := range uses {
		if _, known := floorOf[file]; !known {
			t.Errorf("%s.go is on no floor", file)
		}
		for other, name := range needs {
			if above := floorOf[other] - floorOf[file]; above > 0 {
				t.Errorf("%s.go names %s, which %s.go declares %d floors above it", file, name, other, above)
			}
		}
		var knot []string
		reached := reachable(uses, file)
		for _, other := range reached {
			if slices.Contains(reachable(uses, other), file) {
				knot = append(knot, other)
			}
		}
		if len(knot) > 2 {
			t.Errorf("a knot of %d files: %s", len(knot), strings.Join(knot, ", "))
		}
	}
}

// reachable lists the files that file needs, directly or through others.
func reachable(uses map[string]map[string]string, file string) (reached []string) {
	for next := []string{file}; len(next) > 0; next = next[1:] {
		for other := range uses[next[0]] {
			if !slices.Contains(reached, other) {
				reached, next = append(reached, other), append(next, other)
			}
		}
	}
	return reached
}

// usesBetweenFiles says by which identifier each file of this package needs which other.
func usesBetweenFiles(t *testing.T) map[string]map[string]string {
	fset, files := token.NewFileSet(), []*ast.File{}
	dir, err := build.ImportDir(".", 0)
	for _, name := range dir.GoFiles {
		file, problem := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		files, err = append(files, file), errors.Join(err, problem)
	}
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	if _, err := config.Check(module+"/core", fset, files, info); err != nil {
		t.Fatal(err)
	}
	fileOf := func(at token.Pos) string { return strings.TrimSuffix(fset.Position(at).Filename, ".go") }
	uses := map[string]map[string]string{}
	for _, file := range files {
		uses[fileOf(file.Pos())] = map[string]string{}
	}
	for ident, object := range info.Uses {
		from, to := fileOf(ident.Pos()), fileOf(object.Pos())
		if _, ours := uses[to]; ours && from != to {
			uses[from][to] = ident.Name
		}
	}
	return uses
}
