package main

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A wrap is text around a node that breaks it where its mutant is chosen.
type wrap struct{ open, close string }

type edit struct {
	offset int
	text   string
}

// A file is one source file with all its mutants in it, each behind a condition.
type file struct {
	name      string // relative to the repository
	text      []byte
	fset      *token.FileSet
	info      *types.Info
	errorType types.Type
	mutants   *[]mutant
	wraps     map[ast.Node][]wrap // outermost first
	settled   map[ast.Expr]bool   // booleans that another operator turns already
	functions []ast.Node          // the declaration and the literals around the node
	edits     []edit
}

// load parses and checks a package.
func load(dir string) (files map[string]*ast.File, fset *token.FileSet, info *types.Info, err error) {
	list := exec.Command("go", "list", "-export", "-deps", "-f", `{{.ImportPath}}|{{.Export}}|{{if not .DepOnly}}{{join .GoFiles " "}}{{end}}`, "./"+dir)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, nil, nil, err
	}
	exports, names, path := map[string]string{}, []string{}, ""
	for line := range strings.Lines(string(out)) {
		part := strings.Split(strings.TrimSpace(line), "|")
		if exports[part[0]] = part[1]; part[2] != "" {
			path, names = part[0], strings.Fields(part[2])
		}
	}
	fset, files = token.NewFileSet(), map[string]*ast.File{}
	parsed := []*ast.File{}
	for _, name := range names {
		name = filepath.Join(dir, name)
		if files[name], err = parser.ParseFile(fset, name, nil, parser.SkipObjectResolution); err != nil {
			return nil, nil, nil, err
		}
		parsed = append(parsed, files[name])
	}
	info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	_, err = config.Check(path, fset, parsed, info)
	return files, fset, info, err
}

// rewrite returns a file's text with its mutants in it, and adds them to the list.
func (f *file) rewrite(parsed *ast.File) string {
	f.wraps, f.settled, f.errorType = map[ast.Node][]wrap{}, map[ast.Expr]bool{}, types.Universe.Lookup("error").Type()
	var open []ast.Node
	ast.Inspect(parsed, func(n ast.Node) bool {
		if n == nil {
			n, open = open[len(open)-1], open[:len(open)-1]
			for _, w := range slices.Backward(f.wraps[n]) {
				f.edits = append(f.edits, edit{f.offset(n.End()), w.close})
			}
			if len(f.functions) > 0 && f.functions[len(f.functions)-1] == n {
				f.functions = f.functions[:len(f.functions)-1]
			}
			return true
		}
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			f.functions = append(f.functions, n)
		}
		open = append(open, n)
		f.operate(n)
		for _, w := range f.wraps[n] {
			f.edits = append(f.edits, edit{f.offset(n.Pos()), w.open})
		}
		return true
	})
	slices.SortStableFunc(f.edits, func(a, b edit) int { return a.offset - b.offset })
	text, at := strings.Builder{}, 0
	for _, e := range f.edits {
		text.Write(f.text[at:e.offset])
		text.WriteString(e.text)
		at = e.offset
	}
	text.Write(f.text[at:])
	return text.String()
}

// around puts a new mutant outside of those that the node has; each %d is its number.
func (f *file) around(n ast.Node, operator, before, after string) {
	f.wraps[n] = append([]wrap{f.add(n, operator, before, after)}, f.wraps[n]...)
}

// within puts it inside of them.
func (f *file) within(n ast.Node, operator, before, after string) {
	f.wraps[n] = append(f.wraps[n], f.add(n, operator, before, after))
}

func (f *file) add(n ast.Node, operator, before, after string) wrap {
	at := f.fset.Position(n.Pos())
	m := mutant{file: f.name, function: f.enclosing(), operator: operator, code: strings.Join(strings.Fields(f.source(n)), " "), line: at.Line, column: at.Column}
	*f.mutants = append(*f.mutants, m)
	number := func(format string) string {
		if !strings.Contains(format, "%d") {
			return strings.ReplaceAll(format, "%%", "%")
		}
		return fmt.Sprintf(format, len(*f.mutants))
	}
	return wrap{number(before), number(after)}
}

func (f *file) enclosing() string {
	if len(f.functions) == 0 {
		return "-"
	}
	declared, ok := f.functions[0].(*ast.FuncDecl)
	if !ok {
		return "-"
	}
	if declared.Recv == nil {
		return declared.Name.Name
	}
	return strings.TrimPrefix(f.source(declared.Recv.List[0].Type), "*") + "." + declared.Name.Name
}

// signature is that of the innermost function.
func (f *file) signature() *types.Signature {
	if literal, ok := f.functions[len(f.functions)-1].(*ast.FuncLit); ok {
		return f.info.TypeOf(literal).(*types.Signature)
	}
	return f.info.Defs[f.functions[len(f.functions)-1].(*ast.FuncDecl).Name].Type().(*types.Signature)
}

func (f *file) offset(at token.Pos) int { return f.fset.Position(at).Offset }

func (f *file) source(n ast.Node) string { return string(f.text[f.offset(n.Pos()):f.offset(n.End())]) }
