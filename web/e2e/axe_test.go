package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// axe is axe-core, which `make test` gets where npm is. Without it accessibility is not checked, which is said; in CI that fails.
func axe(t *testing.T) string {
	t.Helper()
	source, err := axeCore()
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal(err)
	case err != nil:
		t.Logf("accessibility is not checked: make .cache/axe/axe.min.js gets axe-core (%v)", err)
	}
	return source
}

var axeCore = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile(filepath.Join("..", "..", ".cache", "axe", "axe.min.js"))
	return string(source), err
})

// The list, the card with its composer, what is undelivered, and the sign-in page pass WCAG 2.2 AA and best practice in both themes, on a desk
// and on a phone.
func TestPagesPassAxe(t *testing.T) {
	journey(t)
	source := axe(t)
	s, p := furnishWith(t, 2)
	s.drop(letter{From: "Anna <bob@customer.test>", Subject: "A table", Type: "text/html", Text: `<h2>Order</h2><table><tr><td>1</td><td>lamp</td></tr></table><img src="http://x.test/p.png">`})
	ada, phone := open(t, p.URL, "ada"), open(t, p.URL, "phone")
	phone.Phone()
	for _, b := range []*browser{ada, phone} {
		b.Goto("/sign-in")
		b.passes(source, "the sign-in page")
		b.signIn("ada@desk.test", password)
		b.again(".ticket-row a.subject", "A table")
		b.passes(source, "the list")
		b.Click(".ticket-row a.subject", "A table")
		b.See("#talk .event[data-kind=in]")
		b.passes(source, "the card")
		b.Click("a[data-compose=reply]")
		b.See("#reply-text")
		b.passes(source, "the composer")
	}
	ada.Click("#talk .event a[data-drawer]")
	ada.See("#drawer .details")
	ada.passes(source, "the drawer")
	ada.Goto("/undelivered")
	ada.passes(source, "Undelivered")
	s.byEar(ada)
	root := open(t, p.URL, "root")
	root.signIn("root@desk.test", password)
	root.Goto("/admin/quarantine")
	root.passes(source, "the quarantine")
}

// passes runs axe over the page: all rules in the light theme, contrast again in the dark one. The message frame takes no scripts, so it is left
// out. axe takes the button within a select, which is the select's own face, for a target of its own; the select is measured instead.
func (b *browser) passes(source, where string) {
	b.t.Helper()
	if source == "" {
		return
	}
	b.attend()
	b.Wait("the page is whole", `document.readyState === "complete"`)
	if b.plain { // our scripts were left out when the page was loaded; axe's may run now
		b.scripts(true)
		defer b.scripts(false)
	}
	if !Eval[bool](b, "Boolean(window.axe)") { // as long as the page stands
		Eval[bool](b, source+"; true")
	}
	for theme, rules := range map[string]string{"light": `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`, "dark": `{type: "rule", values: ["color-contrast"]}`} {
		b.Theme(theme)
		found := Eval[[]string](b, `(async () => {
			for (const a of document.getAnimations()) a.effect.getComputedTiming().endTime === Infinity ? a.cancel() : a.finish();
			const result = await axe.run(document, {iframes: false, preload: false, resultTypes: ["violations"], runOnly: `+rules+`});
			const face = n => { const r = document.querySelector(n.target.join(" ")).closest("select")?.getBoundingClientRect(); return r && r.height >= 24 && r.width >= 24; };
			for (const v of result.violations) if (v.id === "target-size") v.nodes = v.nodes.filter(n => !face(n));
			return result.violations.filter(v => v.nodes.length).map(v => v.id + " (" + v.impact + "): " + v.help + "\n" +
				v.nodes.slice(0, 3).map(n => "      " + n.target.join(" ") + ": " + n.any.concat(n.all, n.none).map(c => c.message).slice(0, 2).join("; ")).join("\n"));
		})()`)
		if len(found) > 0 {
			b.t.Errorf("%s, %s, %s:\n    %s", where, b.name, theme, strings.Join(found, "\n    "))
			b.Shot(strings.ReplaceAll(where, " ", "-") + "-" + theme)
		}
	}
}
