package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
)

// heard is what a screen reader is given: a node of Chromium's accessibility tree.
type heard struct {
	Role, Name, Description string
	State                   map[string]string // level, expanded, checked, live, focusable …
	In                      []int             // what it stands in, from outside
}

// tree reads what a screen reader is given of the page, in its order.
func (b *browser) tree() []heard {
	b.t.Helper()
	var all []*accessibility.Node
	b.send(func(ctx context.Context) error {
		answer, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		if err == nil {
			all = answer.Nodes
		}
		return err
	})
	byID := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range all {
		byID[n.NodeID] = n
	}
	var out []heard
	var walk func(n *accessibility.Node, in []int)
	walk = func(n *accessibility.Node, in []int) {
		if !n.Ignored {
			h := heard{Role: plainly(n.Role), Name: plainly(n.Name), Description: plainly(n.Description), State: map[string]string{}, In: in}
			for _, p := range n.Properties {
				h.State[string(p.Name)] = plainly(p.Value)
			}
			out = append(out, h)
			in = append(slices.Clone(in), len(out)-1)
		}
		for _, id := range n.ChildIDs {
			if c := byID[id]; c != nil {
				walk(c, in)
			}
		}
	}
	if len(all) > 0 {
		walk(all[0], nil)
	}
	return out
}

// plainly is a value of the tree as text.
func plainly(v *accessibility.Value) string {
	if v == nil || len(v.Value) == 0 {
		return ""
	}
	var said any
	if err := json.Unmarshal(v.Value, &said); err != nil {
		return ""
	}
	return strings.Join(strings.Fields(fmt.Sprint(said)), " ")
}

// says lists the names of all nodes of a role.
func says(tree []heard, role string) (names []string) {
	for _, n := range tree {
		if n.Role == role {
			names = append(names, n.Name)
		}
	}
	return names
}

// hears waits until something is said in a region whose changes are read out.
func (b *browser) hears(words string) {
	b.t.Helper()
	var live []string
	said := func() bool {
		tree := b.tree()
		spoken := map[int]string{}
		for _, n := range tree {
			for _, i := range n.In {
				if l := tree[i].State["live"]; n.Role == "StaticText" && (l == "polite" || l == "assertive") {
					spoken[i] += n.Name + " "
				}
			}
		}
		live = live[:0]
		for _, s := range spoken {
			live = append(live, s)
		}
		return slices.ContainsFunc(live, func(s string) bool { return strings.Contains(strings.Join(strings.Fields(s), " "), words) })
	}
	if !eventually(b.t, said) {
		b.keep("hears", true)
		b.t.Fatalf("%s does not hear %q, only %q", b.name, words, live)
	}
}

// operable are the roles of what is operated; each of them must have a name.
var operable = []string{"link", "button", "checkbox", "radio", "switch", "textbox", "searchbox", "combobox", "listbox", "option", "menuitem", "menuitemradio", "tab", "spinbutton", "ComboBoxMenuButton"}

// readable fails where a page says too little to the ear: landmarks, one heading of the page, no level left out, names on all that is operated; or
// where it says twice what something is called.
func (b *browser) readable(where string, landmarks ...string) {
	b.t.Helper()
	var wrong []string
	if !eventually(b.t, func() bool { wrong = silences(b.tree(), landmarks); return len(wrong) == 0 }) { // Chromium names what is new a little later
		b.t.Errorf("%s: %s", where, strings.Join(wrong, "; "))
	}
}

// silences are the complaints of readable.
func silences(tree []heard, landmarks []string) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, l := range landmarks {
		role, name, _ := strings.Cut(l, " ")
		if found := says(tree, role); !slices.Contains(found, name) {
			say("no %s called %q, only %q", role, name, found)
		}
	}
	if n := len(says(tree, "main")); n != 1 {
		say("%d main parts", n)
	}
	first, before := 0, "1"
	for _, n := range tree {
		switch {
		case n.Role == "heading":
			if n.State["level"] > before && n.State["level"][0]-before[0] > 1 {
				say("after level %s comes %q on level %s", before, n.Name, n.State["level"])
			}
			if before = n.State["level"]; before == "1" {
				first++
			}
			if n.Name == "" {
				say("a heading says nothing")
			}
		case n.Name == "" && slices.Contains(operable, n.Role) && n.State["focusable"] == "true":
			say("a %s has no name: %v", n.Role, n.State)
		case n.Description != "" && n.Description != n.Name && strings.Contains(n.Name, n.Description): // a screen reader leaves out what is the same
			say("the %s %q is also described as %q", n.Role, n.Name, n.Description)
		}
	}
	if first != 1 {
		say("%d headings of the whole page", first)
	}
	return wrong
}

// state is one state of the node with a role and a name that contains words.
func (b *browser) state(role, words, state string) string {
	b.t.Helper()
	tree := b.tree()
	for _, n := range tree {
		if n.Role == role && strings.Contains(n.Name, words) {
			return n.State[state]
		}
	}
	b.t.Errorf("%s: no %s says %q, only %q", b.name, role, words, says(tree, role))
	return ""
}

// byEar goes through the desk as a screen reader has it: what is where, in which state, and what is said by itself when mail comes, something is
// selected, found, done. Meanwhile the tab counts, seen or not.
func (s *stage) byEar(ada *browser) {
	t := s.t
	t.Helper()
	ada.Goto("/tickets?view=all")
	ada.See(".ticket-row")
	ada.attend()
	ada.Away()
	ada.readable("the list", "banner ", "navigation Views", "search Filter tickets", "region All tickets", "table All tickets")
	tree := ada.tree()
	for _, want := range [][2]string{{"columnheader", "Subject"}, {"columnheader", "Status"}, {"link", "Unread: Question 1"}, {"link", "Skip to the content"}} {
		if found := says(tree, want[0]); !slices.ContainsFunc(found, func(n string) bool { return strings.Contains(n, want[1]) }) {
			t.Errorf("the list: no %s says %q, only %q", want[0], want[1], found)
		}
	}
	if got := ada.state("link", "All tickets", "focusable"); got != "true" {
		t.Errorf("a link that cannot be reached: %q", got)
	}
	if got := ada.state("button", "Filter", "expanded"); got != "false" {
		t.Errorf("the shut menu of filters is %q", got)
	}
	ada.Press("f")
	ada.See("#m-filter:popover-open")
	if got := ada.state("button", "Filter", "expanded"); got != "true" {
		t.Errorf("the open menu of filters is %q", got)
	}
	ada.Press("Escape")

	// What is selected, found and done is said.
	ada.Press("j")
	ada.Press("x")
	ada.hears("1 selected")
	if got := ada.state("checkbox", "Select ticket", "checked"); got != "true" {
		t.Errorf("the box of the selected ticket is %q", got)
	}
	ada.Press("Escape")
	ada.Press("Control+k")
	ada.See("#palette[open]")
	ada.Type("closed")
	ada.hears("result")
	if got := ada.state("option", "Closed", "selected"); got != "true" {
		t.Errorf("the chosen entry of the palette is %q", got)
	}
	ada.Press("Escape")
	ada.Gone("#palette[open]")

	// New mail is said while somebody reads the list, and counted in the tab.
	count := func() int {
		return Eval[int](ada, `Number(document.title.match(/^\((\d+)\) /)?.[1] ?? 0)`)
	}
	n := count()
	ada.Press("j")
	s.drop(letter{From: "Klient 8 <bob@customer.test>", Subject: "A question while you read", Text: "Hello."})
	ada.hears("1 new message")
	ada.tabSays(n + 1)

	// Nobody looks: the tab counts on, and the page waits for its reader.
	const hide = `Object.defineProperty(document, "hidden", {configurable: true, get: () => %v}); document.dispatchEvent(new Event("visibilitychange"))`
	Eval[bool](ada, fmt.Sprintf(hide, true))
	rows := ada.Count(".ticket-row")
	s.drop(letter{From: "Klient 9 <bob@customer.test>", Subject: "A question while you are away", Text: "Hello."})
	ada.tabSays(n + 2)
	if now := ada.Count(".ticket-row"); now != rows {
		t.Errorf("a page that nobody sees went from %d to %d rows", rows, now)
	}
	Eval[bool](ada, fmt.Sprintf(hide, false))
	ada.hears("2 new messages")
	ada.Click("#list-fresh")
	ada.See(".ticket-row a.subject", "A question while you are away")

	// A card, its composer, and what a deed says.
	ada.Click(".ticket-row a.subject", "A question while you are away")
	ada.See("#talk .event[data-kind=in]")
	ada.readable("the card", "banner ", "navigation Views", "heading A question while you are away")
	ada.Press("r")
	ada.See("#reply-text")
	ada.readable("the composer")
	if got := ada.state("radio", "Reply", "checked"); got != "true" {
		t.Errorf("the kind of what is written is %q", got)
	}
	ada.Press("Escape")
	ada.Press("Escape")
	ada.Click("#card-bar button", "Star")
	ada.See("#card-bar button[aria-pressed=true]", "Starred")
	if got := ada.state("button", "Starred", "pressed"); got != "true" {
		t.Errorf("the star is %q", got)
	}
	ada.Click("[popovertarget=m-ticket]")
	ada.Click("#m-ticket button", "Tomorrow morning")
	ada.hears("Postponed")
}

// tabSays waits until the tab's title counts n, and its sign has the dot.
func (b *browser) tabSays(n int) {
	b.t.Helper()
	b.Wait(fmt.Sprintf("the tab counts %d", n), fmt.Sprintf(`document.title.startsWith("(%d) ") && document.querySelector("link[rel=icon]").href.includes("favicon-new")`, n))
}
