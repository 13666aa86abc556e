//go:build bench

package bench

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/internal/pg"
)

// sheet is one table of results.
type sheet struct {
	title string
	notes []string
	head  []string
	rows  [][]string
}

// sheets are all of this run, in order.
var sheets []sheet

// tell prints a sheet and keeps it for the document.
func tell(s sheet) {
	sheets = append(sheets, s)
	fmt.Printf("\n%s\n%s\n", s.title, s.text(false))
}

// text lays the sheet out in columns, as Markdown or plain.
func (s sheet) text(markdown bool) string {
	width := make([]int, len(s.head))
	for _, row := range append([][]string{s.head}, s.rows...) {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	line := func(cells []string) {
		for i, cell := range cells {
			if markdown {
				b.WriteString("| ")
			}
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				b.WriteString(cell + pad)
			} else {
				b.WriteString(pad + cell)
			}
			b.WriteString(" ")
			if !markdown {
				b.WriteString("  ")
			}
		}
		if markdown {
			b.WriteString("|")
		}
		b.WriteString("\n")
	}
	line(s.head)
	if markdown {
		b.WriteString("|---" + strings.Repeat("|--:", len(s.head)-1) + "|\n")
	}
	for _, row := range s.rows {
		line(row)
	}
	for _, note := range s.notes {
		b.WriteString("\n" + note + "\n")
	}
	return b.String()
}

// write makes the document, when the whole run was asked for.
func write() error {
	path := os.Getenv("FRONTDESK_BENCH_DOC")
	if path == "" || flag.Lookup("test.run").Value.String() != "" || len(sheets) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("# How fast it is\n\nMade by `make bench`; not written by hand. Ours stands beside the bare limit of the same machine, measured in the same run, because machines\n" +
		"differ: compare the ratios. Numbers are medians: of three rounds (five where letters are sent), or of the requests of a page, which is asked on all desks by turns with its limits. The desks are those of `frontdesk bench seed`: three years of work,\n" +
		"about two tickets of a hundred open, words as common and as rare as words are.\n\n")
	for _, line := range [][2]string{{"Machine", machine()}, {"Date", time.Now().UTC().Format(time.DateOnly)}, {"Command", "`" + command() + "`"}, {"Program", program()}, {"Database", postgres}} {
		fmt.Fprintf(&b, "- %s: %s\n", line[0], line[1])
	}
	for _, s := range sheets {
		fmt.Fprintf(&b, "\n## %s\n\n%s", s.title, s.text(true))
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// command is what was typed: what a run measures depends on these variables.
func command() string {
	typed := "make bench"
	for _, name := range []string{"FRONTDESK_BENCH_PAGES", "FRONTDESK_BENCH_TICKETS", "FRONTDESK_BENCH_MESSAGES"} {
		if v := os.Getenv(name); v != "" {
			typed = name + "=" + v + " " + typed
		}
	}
	return typed
}

// postgres is its version, once a server has run.
var postgres string

func noteVersion(ctx context.Context, db *pg.DB) {
	postgres, _ = pg.One[string](ctx, db, `SELECT 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || current_setting('fsync') || ', shared_buffers ' || current_setting('shared_buffers')`)
}

func machine() string {
	name := runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	var kb int64
	if info, err := os.ReadFile("/proc/meminfo"); err == nil {
		fmt.Sscanf(string(info), "MemTotal: %d kB", &kb)
	}
	return fmt.Sprintf("%s, %d cores, %d GB memory, %s", name, runtime.NumCPU(), (kb+1<<19)>>20, load())
}

// load tells how busy the machine was with other things.
func load() string {
	info, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return runtime.GOOS
	}
	return "load at the end " + strings.Fields(string(info))[1]
}

func program() string {
	commit, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return runtime.Version()
	}
	return strings.TrimSpace(string(commit)) + ", " + runtime.Version()
}
