package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// A mutant is one place where the code can be broken, and how.
type mutant struct {
	file, function, operator, code string
	line, column                   int
}

// The operators. Two usual ones are left out, since a test that kills these kills
// those: an && that becomes an || (clause), and a condition that is negated
// (never, or clause).
const (
	never      = "never"      // a condition of if, for or case never holds: the guard is gone
	always     = "always"     // a condition of if or case always holds
	clause     = "clause"     // one operand of && or || is left out
	boundary   = "boundary"   // < becomes <=, and so on
	arithmetic = "arithmetic" // + becomes -, and so on
	negate     = "negate"     // a boolean that is returned or stored says the opposite
	noError    = "noerror"    // the error that is returned is nil
	remove     = "delete"     // a statement is gone
)

var (
	boundaries = map[token.Token]bool{token.LSS: true, token.GTR: true, token.LEQ: false, token.GEQ: false} // whether to let equals in
	opposites  = map[token.Token]token.Token{
		token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.ADD, token.QUO: token.MUL, token.REM: token.ADD,
		token.SHL: token.SHR, token.SHR: token.SHL, token.AND: token.OR, token.OR: token.AND, token.XOR: token.AND, token.AND_NOT: token.AND,
	}
)

// operate marks what the operators do at a node. Its children are visited later, so
// that what is marked here for a child stands outside of what the child adds itself.
func (f *file) operate(node ast.Node) {
	switch n := node.(type) {
	case *ast.IfStmt:
		f.condition(n.Cond, never, always)
	case *ast.ForStmt:
		if n.Cond != nil {
			f.condition(n.Cond, never)
		}
	case *ast.SwitchStmt:
		for _, c := range n.Body.List {
			for _, cond := range c.(*ast.CaseClause).List {
				if n.Tag == nil {
					f.condition(cond, never, always)
				}
			}
		}
	case *ast.BlockStmt:
		f.statements(n.List)
	case *ast.CaseClause:
		f.statements(n.Body)
	case *ast.CommClause:
		f.statements(n.Body)
	case *ast.ReturnStmt:
		f.results(n)
	case *ast.BinaryExpr:
		f.binary(n)
	}
}

func (f *file) condition(cond ast.Expr, operators ...string) {
	if f.constant(cond) {
		return
	}
	f.settled[ast.Unparen(cond)] = true
	for _, operator := range operators {
		f.around(cond, operator, "(", map[string]string{never: ") && !mutant_(%d)", always: ") || mutant_(%d)"}[operator])
	}
}

// statements marks those that can go. What declares a name has to stay, and so has
// what ends a function.
func (f *file) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if call, ok := s.X.(*ast.CallExpr); ok && f.source(call.Fun) == "panic" {
				continue
			}
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE || f.source(s.Lhs[0]) == "_" && len(s.Lhs) == 1 {
				continue
			}
		case *ast.IncDecStmt, *ast.SendStmt, *ast.DeferStmt, *ast.GoStmt:
		default:
			continue
		}
		f.around(s, remove, "if !mutant_(%d) { ", " }")
	}
}

// results marks an error and a boolean among what is returned.
func (f *file) results(n *ast.ReturnStmt) {
	results := f.signature().Results()
	if len(n.Results) != results.Len() {
		return // what one call returns, or named results
	}
	for i, value := range n.Results {
		wanted := results.At(i).Type()
		_, pointer := wanted.(*types.Pointer)
		switch {
		case f.info.Types[value].IsNil():
		case types.Identical(wanted, f.errorType):
			f.around(value, noError, "mutantError_(%d, ", ")")
		case pointer && types.Implements(wanted, f.errorType.Underlying().(*types.Interface)):
			f.around(value, noError, "mutantNil_(%d, ", ")")
		case types.Identical(wanted, types.Typ[types.Bool]) && !logical(value):
			f.settled[ast.Unparen(value)] = true
			f.around(value, negate, "((", ") != mutant_(%d))")
		}
	}
}

func (f *file) binary(n *ast.BinaryExpr) {
	if f.constant(n) {
		return
	}
	x, y := f.source(n.X), f.source(n.Y)
	switch open, bounded := boundaries[n.Op]; {
	case n.Op == token.LAND || n.Op == token.LOR:
		f.clauses(n)
	case bounded && open:
		f.within(n, boundary, "(", fmt.Sprintf(" || mutant_(%%d) && %s == %s)", verbatim(x), verbatim(y)))
	case bounded:
		f.within(n, boundary, "(", fmt.Sprintf(" && !(mutant_(%%d) && %s == %s))", verbatim(x), verbatim(y)))
	case n.Op != token.EQL && n.Op != token.NEQ:
		basic, ok := f.info.TypeOf(n).Underlying().(*types.Basic)
		if ok && basic.Info()&types.IsNumeric != 0 && f.pure(n) {
			f.within(n, arithmetic, fmt.Sprintf("mutantPick_(%%d, %s %v %s, ", verbatim(x), opposites[n.Op], verbatim(y)), ")")
		}
	}
	if _, ordered := boundaries[n.Op]; (ordered || n.Op == token.EQL || n.Op == token.NEQ) && !f.settled[n] {
		f.within(n, negate, "((", ") != mutant_(%d))")
	}
}

// clauses leaves out each operand of a chain: for || it is false, for && it is true.
func (f *file) clauses(n *ast.BinaryExpr) {
	for _, operand := range []ast.Expr{n.X, n.Y} {
		f.settled[ast.Unparen(operand)] = true
		if inner, ok := ast.Unparen(operand).(*ast.BinaryExpr); ok && inner.Op == n.Op || f.constant(operand) {
			continue // its own operands are left out one by one
		}
		if n.Op == token.LOR {
			f.around(operand, clause, "((", ") && !mutant_(%d))")
		} else {
			f.around(operand, clause, "((", ") || mutant_(%d))")
		}
	}
}

// pure says whether an expression can be computed twice.
func (f *file) pure(n ast.Node) bool {
	pure := true
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called := f.info.Types[n.Fun]
			pure = pure && (called.IsType() || called.IsBuiltin())
		case *ast.UnaryExpr:
			pure = pure && n.Op != token.ARROW
		}
		return pure
	})
	return pure
}

func (f *file) constant(e ast.Expr) bool { return f.info.Types[e].Value != nil }

func logical(e ast.Expr) bool {
	binary, ok := ast.Unparen(e).(*ast.BinaryExpr)
	return ok && (binary.Op == token.LAND || binary.Op == token.LOR)
}

// verbatim keeps a source text as it is in a format.
func verbatim(source string) string { return strings.ReplaceAll(source, "%", "%%") }
