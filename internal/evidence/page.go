package main

import (
	"fmt"
	"strings"
	"time"
)

// page is docs/security.md.
type page struct {
	rows   []row
	said   map[string]verdict
	at     time.Time
	took   time.Duration
	commit string
}

// The verdicts of a row, the worst of its tests.
const (
	holds  = "holds"
	broken = "DOES NOT HOLD"
	mute   = "not run"
	absent = "not yet"
	open   = "open"
)

// verdict sums up what the tests of a row said. What has no test is not yet there, or open.
func (p page) verdict(r row) string {
	v := holds
	for _, name := range r.names() {
		dir, test := split(name)
		switch p.said[dir+"."+test] {
		case passed:
		case failed:
			return broken
		default:
			v = mute
		}
	}
	switch {
	case r.tests != "":
		return v
	case r.open != "":
		return open
	}
	return absent
}

// broken lists the rows that did not hold or were not run.
func (p page) broken() (ids []string) {
	for _, r := range p.rows {
		if v := p.verdict(r); v == broken || v == mute {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// counts is how many rows there are of each verdict.
func (p page) counts() string {
	var parts []string
	for _, v := range []string{holds, broken, mute, open, absent} {
		n := 0
		for _, r := range p.rows {
			if p.verdict(r) == v {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	return strings.Join(parts, ", ")
}

func (p page) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Safety, row by row

Written by `+"`make evidence`"+`, which runs the tests named here and no others; not written by hand. The rows are those of RELIABILITY: identity
(section 4), the classes of mistakes this kind of program has made (section 5), OWASP ASVS 5.0.0 levels 1 and 2 as far as they apply (section
7). They stand in `+"`internal/evidence/rows.go`"+`; a row that names a test that does not exist fails `+"`make test`"+`.

*holds*: every test of the row passed. *open*: it applies, and no test shows it. *not yet*: the feature it is about does not exist.
What a row asks beyond its tests stands beside them.

Run on %s, %s, %d tests in %s. %d rows: %s.
`, p.at.Format("2006-01-02 15:04 UTC"), p.commit, p.tests(), p.took.Round(time.Second), len(p.rows), p.counts())
	chapter := ""
	for _, r := range p.rows {
		if r.chapter() != chapter {
			chapter = r.chapter()
			b.WriteString("\n## " + chapter + "\n\n| row | asks | how it is met | shown by | verdict |\n|---|---|---|---|---|\n")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.id, cell(r.asks), cell(r.answer()), p.shown(r), p.verdict(r))
	}
	return b.String()
}

// tests is how many different tests the rows name.
func (p page) tests() (n int) {
	for _, s := range packages(p.rows) {
		n += len(s.tests)
	}
	return n
}

// shown lists the tests of a row; one that did not pass says so.
func (p page) shown(r row) string {
	var out []string
	for _, name := range r.names() {
		dir, test := split(name)
		line := "`" + name + "`"
		switch v := p.said[dir+"."+test]; v {
		case passed:
		case "":
			line += " **not run**"
		default:
			line += " **" + string(v) + "**"
		}
		out = append(out, line)
	}
	return strings.Join(out, "<br>")
}

// cell is text that stays within its cell.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s) }
