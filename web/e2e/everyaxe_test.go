package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// axe-core runs in every journey through the product: each that starts one calls passes, by itself or through a step that it shares. Tests on the
// gallery start none; TestComponentsPassAxe goes through it.
func TestEveryJourneyPassesAxe(t *testing.T) {
	t.Parallel()
	calls := map[string][]string{}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				ast.Inspect(fn, func(n ast.Node) bool {
					if call, ok := n.(*ast.CallExpr); ok {
						calls[fn.Name.Name] = append(calls[fn.Name.Name], calledName(call))
					}
					return true
				})
			}
		}
	}
	var reaches func(from, to string, seen map[string]bool) bool
	reaches = func(from, to string, seen map[string]bool) bool {
		if from == to {
			return true
		}
		if seen[from] {
			return false
		}
		seen[from] = true
		for _, next := range calls[from] {
			if reaches(next, to, seen) {
				return true
			}
		}
		return false
	}
	journeys := 0
	for name := range calls {
		if strings.HasPrefix(name, "Test") && reaches(name, "start", map[string]bool{}) {
			journeys++
			if !reaches(name, "passes", map[string]bool{}) {
				t.Errorf("%s never runs axe", name)
			}
		}
	}
	if journeys < 10 {
		t.Errorf("only %d journeys were found", journeys)
	}
}

func calledName(call *ast.CallExpr) string {
	switch fn := call.Fun.(type) {
	case *ast.Ident:
		return fn.Name
	case *ast.SelectorExpr:
		return fn.Sel.Name
	case *ast.IndexExpr:
		if id, ok := fn.X.(*ast.Ident); ok {
			return id.Name
		}
	}
	return ""
}
