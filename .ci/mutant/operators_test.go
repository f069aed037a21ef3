package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rewritten returns the body of a function f with its mutants in it.
func rewritten(t *testing.T, declaration string) string {
	t.Helper()
	text := "package p\ntype failure struct{}\nfunc (*failure) Error() string { return \"\" }\nfunc g() bool { return true }\nfunc h(...any) {}\n" + declaration
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, "p.go", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	if _, err := new(types.Config).Check("p", fset, []*ast.File{parsed}, info); err != nil {
		t.Fatal(err)
	}
	parsed.Decls = parsed.Decls[len(parsed.Decls)-1:]
	broken := (&file{name: "p.go", text: []byte(text), fset: fset, info: info, mutants: new([]mutant)}).rewrite(parsed)
	if _, err := parser.ParseFile(token.NewFileSet(), "p.go", broken, 0); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(broken[strings.LastIndex(broken, "\nfunc f("):], "{ ")
	return strings.TrimSuffix(body, " }")
}

func TestOperators(t *testing.T) {
	for _, test := range []struct{ name, declaration, want string }{
		{"if", "func f(a bool) { if a { a = g() } }", "if ((a) && !mutant_(1)) || mutant_(2) { if !mutant_(3) { a = g() } }"},
		{"for", "func f(a bool) { for a { } }", "for (a) && !mutant_(1) { }"},
		{"case", "func f(a bool) { switch { case a: } }", "switch { case ((a) && !mutant_(1)) || mutant_(2): }"},
		{"a switch over a value", "func f(a int) { switch a { case 1: } }", "switch a { case 1: }"},
		{"or", "func f(a, b, c bool) bool { return a || b || c }", "return ((a) && !mutant_(2)) || ((b) && !mutant_(3)) || ((c) && !mutant_(1))"},
		{"and", "func f(a, b bool) bool { return a && b }", "return ((a) || mutant_(1)) && ((b) || mutant_(2))"},
		{"less", "func f(a int) bool { return a < 1 }", "return (((a < 1 || mutant_(2) && a == 1)) != mutant_(1))"},
		{"less or equal", "func f(a int) bool { return a <= 1 }", "return (((a <= 1 && !(mutant_(2) && a == 1))) != mutant_(1))"},
		{"plus", "func f(a int) int { return a + 1 }", "return mutantPick_(1, a - 1, a + 1)"},
		{"texts", "func f(a string) string { return a + a }", "return a + a"},
		{"what must not be computed twice", "func f(a func() int) int { return a() + 1 }", "return a() + 1"},
		{"a constant", "func f() int { const a = 1; return a + 1 }", "const a = 1; return a + 1"},
		{"a remainder", "func f(a int) bool { b := a%2 == 0; return b }", "b := ((mutantPick_(2, a + 2, a%2) == 0) != mutant_(1)); return ((b) != mutant_(3))"},
		{"an error", "func f(a error) (int, error) { return 0, a }", "return 0, mutantError_(1, a)"},
		{"a pointer that is an error", "func f(a *failure) *failure { return a }", "return mutantNil_(1, a)"},
		{"no error", "func f() error { return nil }", "return nil"},
		{"an error of a literal", "func f() { h(func() error { return new(failure) }) }", "if !mutant_(1) { h(func() error { return mutantError_(2, new(failure)) }) }"},
		{"a statement that has to stay", "func f() int { a := 1; _ = a; panic(a) }", "a := 1; _ = a; panic(a)"},
		{"statements", "func f(a int, b chan int) { a++; b <- a; defer g(); go h() }",
			"if !mutant_(1) { a++ }; if !mutant_(2) { b <- a }; if !mutant_(3) { defer g() }; if !mutant_(4) { go h() }"},
	} {
		if got := rewritten(t, test.declaration); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestNumber(t *testing.T) {
	mutants := []mutant{{code: "a", line: 1}, {code: "b", line: 2}, {code: "a", line: 3}, {code: "a", line: 4, function: "f"}}
	number(mutants)
	for i, want := range []string{"a", "b", "a (2)", "a"} {
		if mutants[i].code != want {
			t.Errorf("%d: got %q, want %q", i, mutants[i].code, want)
		}
	}
}

func TestReadEquivalents(t *testing.T) {
	name := filepath.Join(t.TempDir(), "list")
	for text, want := range map[string]string{
		"# reason\na.go\tf\tnever\ta || b\nb.go\tf\tnever\ta\n": "",
		"# reason\n\na.go\tf\tnever\ta\n":                       ":3: no reason above this entry",
		"a.go\tf\tnever\ta\n":                                   ":1: no reason above this entry",
		"# reason\na.go f never a\n":                            ":2: got 1 parts",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		entries, err := readEquivalents(name)
		if want == "" && (err != nil || len(entries) != 2 || !entries[equivalent{"a.go", "f", "never", "a || b"}]) {
			t.Errorf("%q: got %v, %v, want two entries", text, entries, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}
