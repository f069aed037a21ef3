// Package examples_test holds what the README prints against the compiler.
package examples_test

import (
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	// What the programs import, so that go test runs this anew when it changes.
	_ "github.com/jwtmw/jwtmw/core/jwttest"
	_ "github.com/jwtmw/jwtmw/echo"
	_ "github.com/jwtmw/jwtmw/fiber"
	_ "github.com/jwtmw/jwtmw/gin"
	_ "github.com/jwtmw/jwtmw/nethttp"
)

// TestReadmeBuilds builds every Go program in the README as it is printed, and
// wants one for each framework.
func TestReadmeBuilds(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for n, program := range programs(string(readme)) {
		t.Run(strconv.Itoa(n+1), func(t *testing.T) {
			file, err := parser.ParseFile(token.NewFileSet(), "", program, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, imported := range file.Imports {
				shown[strings.Trim(imported.Path.Value, `"`)] = true
			}
			build(t, program)
		})
	}
	for _, adapter := range []string{"nethttp", "gin", "fiber", "echo"} {
		if !shown["github.com/jwtmw/jwtmw/"+adapter] {
			t.Errorf("got no program with the adapter %s in the README, want one", adapter)
		}
	}
}

// programs returns the Go blocks of a Markdown text that are whole files.
func programs(markdown string) []string {
	var found []string
	for _, block := range regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(markdown, -1) {
		found = append(found, block[1])
	}
	return slices.DeleteFunc(found, func(block string) bool { return !strings.HasPrefix(block, "package ") })
}

// TestReadmeOfJwttest runs the tests that the README of jwttest prints.
func TestReadmeOfJwttest(t *testing.T) {
	readme, err := os.ReadFile("../core/jwttest/README.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := programs(string(readme))
	if len(tests) == 0 {
		t.Fatal("got no test in the README, want one")
	}
	for n, test := range tests {
		t.Run(strconv.Itoa(n+1), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "orders_test.go")
			compile(t, test, path, "test", "-v", path)
		})
	}
}

// build compiles a program with the dependencies of this module.
func build(t *testing.T, program string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "main.go")
	compile(t, program, path, "build", "-o", os.DevNull, path)
}

// compile writes source to path and has the go command do what args say.
func compile(t *testing.T, source, path string, args ...string) {
	t.Helper()
	if formatted, err := format.Source([]byte(source)); err != nil || string(formatted) != source {
		t.Errorf("got a program that gofmt would change (%v), want it as it stands:\n%s", err, source)
	}
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("go", args...)
	command.Dir = ".."
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("go %s: got %v, want success:\n%s\n%s", args[0], err, output, source)
	}
}
