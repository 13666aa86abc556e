// Package internal holds nothing but the test of its own structure.
package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// imports says who may import whom (README, Design): the packages left of the colon those to the right, and nothing else of ours. A name
// alone is a package below internal; a trailing * means all below. To add a package, give it a line; to add an edge, think first: a cycle or
// a sideways edge that wants to appear is the design speaking.
const imports = `
	// Floor 3: start, wire, stop. Everything may be used.
	cmd/frontdesk demo app: everything

	// Floor 2: start work and open transactions; never import each other.
	web:                     floor1 floor0 templates/* static migrations
	intake delivery clock clerk scan: floor1 floor0
	backup:                  floor1 floor0 pg/pgembed

	// Floor 1: the subjects. Sideways exactly these, and everybody knows agent.
	ticket:                  floor0 agent outbox desk blob search
	export:                  floor0 agent ticket
	inbound outbox customer: floor0 agent blob
	rule mailbox desk search: floor0 agent
	alarm blob agent:        floor0

	// Floor 0: what knows no subject.
	flow:                    pg
	event:                   pg
	pg:                      fault
	fault:                   text
	filter:                  fault text zone
	sla:                     zone
	config:                  disk
	mail text failpoint clamd zone disk:

	// Beside.
	templates/*:             templates/* static text
	static migrations:
	pg/pgembed:              pg disk
	pg/pgtest:               pg pg/pgembed migrations
	fixture fixture/*:       floor1 floor0 fixture/* pg/pgtest static
	text/keygen static/spritegen evidence:
	crashtest crashtest/* bench bench/*: everything
`

var groups = map[string]string{
	"floor1": "ticket export customer rule inbound outbox mailbox desk search alarm blob agent",
	"floor0": "event pg fault filter mail sla text config flow failpoint clamd zone disk",
}

// owners says which package writes a table; every other package only reads it.
var owners = map[string]string{
	"agent": "agent", "agent_queue": "agent", "profile": "agent", "session": "agent", "sign_in_failure": "agent",
	"alarm": "alarm",
	"blob":  "blob", "blob_chunk": "blob",
	"bounce":   "outbox",
	"calendar": "desk", "category": "desk", "directory": "desk", "parameter": "desk", "priority": "desk", "queue": "desk", "status": "desk", "tag": "desk",
	"customer": "customer", "customer_address": "customer",
	"draft": "ticket", "draft_file": "ticket",
	"event":       "event",
	"export":      "export",
	"flow_status": "flow",
	"inbound":     "inbound", "inbound_folder": "inbound", "inbound_whole": "inbound",
	"mailbox": "mailbox",
	"message": "ticket", "message_body": "ticket", "message_file": "ticket",
	"retired_id_key": "mailbox",
	"outbox":         "outbox", "outbox_recipient": "outbox", "outbox_server": "outbox",
	"saved_view":      "desk",
	"search_document": "search", "search_heading": "search",
	"ticket": "ticket", "ticket_clock": "ticket", "ticket_link": "ticket", "ticket_observer": "ticket", "ticket_participant": "ticket",
	"ticket_seen": "ticket", "ticket_star": "ticket",
}

// transactions are the only places where InTx(, InTxAsking( and InOneTrip( may stand: where work starts.
var transactions = []string{"cmd/frontdesk", "app", "web", "intake", "delivery", "clock", "clerk", "scan", "flow", "demo", "pg/pgtest", "fixture", "fixture/*", "crashtest", "crashtest/*",
	"bench", "bench/*"}

// rawMarkup is the only place that may put unescaped HTML into a page.
var rawMarkup = []string{"templates/ui"}

// commands are the only places that may start another program: Postgres and the parse child, with names and arguments of ours (ASVS 1.2.5), and what
// only tests and the build run.
var commands = []string{"pg/pgembed", "pg/pgtest", "intake", "fixture/*", "evidence"}

func TestImportsGoDownOnly(t *testing.T) {
	t.Parallel()
	allowed := importTable(t)
	for _, f := range source(t) {
		if f.test {
			continue // a test may build what it needs from above; the compiler stops cycles
		}
		rule, known := lookup(allowed, f.pkg)
		if !known {
			t.Errorf("%s: package %s is not in the import table of arch_test.go", f.path, f.pkg)
			continue
		}
		for _, spec := range f.tree.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if path != "frontdesk" && !strings.HasPrefix(path, "frontdesk/") || slices.Contains(rule, "everything") {
				continue
			}
			if to := short(path); !matches(rule, to) {
				t.Errorf("%s: %s may not import %s", f.path, f.pkg, to)
			}
		}
	}
}

func TestTemplatesKnowOnlyTheStandardLibraryAndTempl(t *testing.T) {
	t.Parallel()
	for _, f := range source(t) {
		for _, spec := range f.tree.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			outside := strings.Contains(strings.Split(path, "/")[0], ".") && !strings.HasPrefix(path, "github.com/a-h/templ")
			if strings.HasPrefix(f.pkg, "templates/") && !f.test && outside {
				t.Errorf("%s: a template may not import %s", f.path, path)
			}
		}
	}
}

var (
	writing     = regexp.MustCompile(`(FOR |DO |FOR NO KEY |ON )?\b(INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE)\s+(?:ONLY\s+)?([a-z_]+)`)
	createTable = regexp.MustCompile(`(?i)\bCREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?([a-z_]+)`)
)

func TestEveryTableIsWrittenByOnePackage(t *testing.T) {
	t.Parallel()
	tables := tables(t)
	for table := range tables {
		if owners[table] == "" {
			t.Errorf("table %s has no owner in arch_test.go", table)
		}
	}
	for table := range owners {
		if !tables[table] {
			t.Errorf("arch_test.go gives an owner to %s, which no migration creates", table)
		}
	}
	for _, f := range source(t) {
		if f.test || matches([]string{"crashtest", "crashtest/*", "bench/*"}, f.pkg) { // they make up what no verb would
			continue
		}
		for _, w := range writes(f.tree) {
			if tables[w] && owners[w] != f.pkg {
				t.Errorf("%s: %s writes table %s, which belongs to %s", f.path, f.pkg, w, owners[w])
			}
		}
	}
}

// writes lists the tables that the statements in a file change: by SQL in its strings, or by pg.Copy.
func writes(file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				for _, m := range writing.FindAllStringSubmatch(n.Value, -1) {
					if m[1] == "" { // not FOR UPDATE, not ON CONFLICT DO UPDATE
						found = append(found, m[3])
					}
				}
			}
		case *ast.CallExpr:
			if qualified(n) == "pg.Copy" && len(n.Args) > 2 {
				if lit, ok := n.Args[2].(*ast.BasicLit); ok {
					found = append(found, strings.Trim(lit.Value, "\"`"))
				}
			}
		}
		return true
	})
	return found
}

func TestTransactionsStartOnlyWhereWorkStarts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"InTx", "InTxAsking", "InOneTrip"} {
		calls(t, name, transactions, "opens a transaction; pass a *pg.Tx down instead")
	}
}

func TestMarkupIsEscaped(t *testing.T) {
	t.Parallel()
	calls(t, "templ.Raw", rawMarkup, "puts unescaped markup into a page")
}

func TestProgramsAreStartedInFewPlaces(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"exec.Command", "exec.CommandContext", "os.StartProcess", "syscall.Exec", "syscall.ForkExec"} {
		calls(t, name, commands, "starts a program")
	}
}

// calls fails for every call of name outside the packages listed.
func calls(t *testing.T, name string, where []string, does string) {
	t.Helper()
	for _, f := range source(t) {
		if f.test || matches(where, f.pkg) || f.pkg == "pg" {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && (called(call) == name || qualified(call) == name) {
				t.Errorf("%s: %s %s", f.at(n), f.pkg, does)
			}
			return true
		})
	}
}

var statement = regexp.MustCompile(`\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\s`)

func TestStatementsAreNotFormatted(t *testing.T) {
	t.Parallel()
	for _, f := range source(t) {
		if f.test {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || qualified(call) != "fmt.Sprintf" || len(call.Args) == 0 {
				return true
			}
			if lit, ok := call.Args[0].(*ast.BasicLit); ok && statement.MatchString(lit.Value) {
				t.Errorf("%s: a statement made by Sprintf; use arguments", f.at(n))
			}
			return true
		})
	}
}

var ringLetter = regexp.MustCompile(`^"[a-z]:"$`)

// A ring is told from others by the letter it begins with, that of its subject where it is of one: who watches for it is woken by nothing else.
func TestEveryRingHasALetterOfItsOwn(t *testing.T) {
	t.Parallel()
	taken := map[byte]string{}
	for _, f := range source(t) {
		ast.Inspect(f.tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || f.test {
				return !f.test
			}
			for i, v := range spec.Values {
				lit, ok := v.(*ast.BasicLit)
				if !ok || !ringLetter.MatchString(lit.Value) && !(f.pkg == "event" && strings.HasPrefix(spec.Names[i].Name, "Of")) {
					continue
				}
				if other := taken[lit.Value[1]]; other != "" {
					t.Errorf("%s: %s rings like %s", f.at(n), spec.Names[i].Name, other)
				}
				taken[lit.Value[1]] = f.pkg + "." + spec.Names[i].Name
			}
			return true
		})
	}
	if len(taken) < 13 {
		t.Errorf("only %d rings are found: %v", len(taken), taken)
	}
}

func TestTestsDoNotSleep(t *testing.T) {
	t.Parallel()
	for _, f := range source(t) {
		if !f.test || matches([]string{"crashtest", "crashtest/*", "bench"}, f.pkg) { // another process can only be looked at again and again
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && qualified(call) == "time.Sleep" {
				t.Errorf("%s: wait for what should happen, with a deadline, instead of sleeping", f.at(n))
			}
			return true
		})
	}
}

// importTable reads imports: package pattern -> patterns of what it may import.
func importTable(t *testing.T) map[string][]string {
	t.Helper()
	table := map[string][]string{}
	for line := range strings.Lines(imports) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		from, to, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("arch_test.go: no colon in %q", line)
		}
		var may []string
		for _, word := range strings.Fields(to) {
			if g, ok := groups[word]; ok {
				may = append(may, strings.Fields(g)...)
			} else {
				may = append(may, word)
			}
		}
		for _, pkg := range strings.Fields(from) {
			table[pkg] = may
		}
	}
	return table
}

// lookup prefers the package's own line over a pattern's.
func lookup(table map[string][]string, pkg string) ([]string, bool) {
	if rule, ok := table[pkg]; ok {
		return rule, true
	}
	for _, pattern := range slices.Sorted(maps.Keys(table)) {
		if matches([]string{pattern}, pkg) {
			return table[pattern], true
		}
	}
	return nil, false
}

func matches(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		below, all := strings.CutSuffix(p, "*")
		return p == pkg || all && strings.HasPrefix(pkg, below)
	})
}

// file is one parsed source file.
type file struct {
	path, pkg string // from the module's root; as in the tables
	test      bool
	tree      *ast.File
	set       *token.FileSet
}

func (f file) at(n ast.Node) string {
	return f.path + ":" + strconv.Itoa(f.set.Position(n.Pos()).Line)
}

// source parses every Go file of the module, generated ones too: what a template does stands there.
func source(t *testing.T) []file {
	t.Helper()
	var files []file
	set := token.NewFileSet()
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"bin", "data", "node_modules", "testdata"}, d.Name())) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || path == "internal/arch_test.go" {
			return nil
		}
		tree, err := parser.ParseFile(set, filepath.Join("..", path), nil, parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, file{path, short("frontdesk/" + filepath.ToSlash(filepath.Dir(path))), strings.HasSuffix(path, "_test.go"), tree, set})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// short is a package's name in the tables.
func short(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, "frontdesk/"), "internal/")
}

// tables are those the migrations create.
func tables(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	paths, err := filepath.Glob("../migrations/*.sql")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range createTable.FindAllSubmatch(b, -1) {
			found[string(m[1])] = true
		}
	}
	return found
}

// called is the last name of what is called, qualified the last two.
func called(call *ast.CallExpr) string {
	_, name, _ := strings.Cut(qualified(call), ".")
	return name
}

func qualified(call *ast.CallExpr) string {
	switch fn := call.Fun.(type) {
	case *ast.Ident:
		return "." + fn.Name
	case *ast.SelectorExpr:
		if x, ok := fn.X.(*ast.Ident); ok {
			return x.Name + "." + fn.Sel.Name
		}
		return "?." + fn.Sel.Name
	}
	return ""
}
