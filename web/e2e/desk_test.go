package e2e

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// furnishWith is furnish and a process, with n mails of different customers that lie there already.
func furnishWith(t *testing.T, n int) (*stage, *process) {
	t.Helper()
	s := furnish(t)
	for i := range n {
		s.drop(letter{From: fmt.Sprintf("Klient %d <alice@customer.test>", i+1), Subject: fmt.Sprintf("Question %d", i+1), Text: fmt.Sprintf("This is question %d.", i+1)})
	}
	return s, s.serve()
}

// What is typed is kept: over a reload, and for the same person's other browser.
func TestADraftSurvivesAndIsFoundElsewhere(t *testing.T) {
	journey(t)
	_, p := furnishWith(t, 1)
	desk, laptop, ben := open(t, p.URL, "desk"), open(t, p.URL, "laptop"), open(t, p.URL, "ben")
	desk.signIn("ada@desk.test", password)
	desk.See(".ticket-row a.subject", "Question 1")
	desk.Press("j", "r") // from the list to the answer
	desk.See(".card h1", "Question 1")
	desk.Fill("#reply-text", "I began this at my desk")
	desk.See("#compose-reply .composer-state", "saved")
	desk.Reload()
	desk.Wait("the draft stands there after a reload", `document.querySelector("#reply-text").value.includes("I began this at my desk")`)
	desk.See("#reply-text")
	path := desk.Path()

	laptop.signIn("ada@desk.test", password)
	laptop.Goto(path)
	laptop.Wait("the draft stands there", `document.querySelector("#reply-text").value.includes("I began this at my desk")`)
	laptop.See("#reply-text")
	laptop.Shot("draft")
	laptop.passes(axe(t), "a draft")
	ben.signIn("ben@desk.test", password)
	ben.Goto(path)
	ben.See(".card h1")
	if got := Eval[string](ben, `document.body.innerHTML`); strings.Contains(got, "I began this") {
		t.Error("a colleague is shown a draft that is not his")
	}

	laptop.discardsAndUndoes()

	// Thrown away it is gone everywhere, at once when the page is left.
	laptop.Click("#compose-reply [data-discard]")
	laptop.Gone("#reply-text")
	laptop.Reload()
	laptop.Gone("#reply-text")
	desk.Reload()
	desk.See("a[data-compose=reply]")
	desk.Gone("#reply-text")

	// Of two places one writes; the other says so and leaves what is kept alone.
	laptop.Press("r")
	laptop.Fill("#reply-text", "From the laptop")
	laptop.See("#compose-reply .composer-state", "saved")
	const version = `document.querySelector("#compose-reply").dataset.draftVersion`
	first := Eval[string](laptop, version)
	laptop.Fill("#reply-text", "From the laptop, twice")
	laptop.Wait("its own drafts follow each other", version+` !== `+quote(first)+` && !document.querySelector("#compose-reply").saving`)
	desk.awaits("409 (Conflict)")
	desk.Press("r")
	desk.Fill("#reply-text", "From the desk")
	desk.See("#compose-reply .composer-state[data-bad]", "has a newer draft")
	desk.Reload()
	desk.Wait("the other draft stands", `document.querySelector("#reply-text").value.startsWith("From the laptop")`)
	desk.Click("#compose-reply [data-discard]")
	desk.Gone("#reply-text")
	desk.Reload()
	desk.Gone("#reply-text")
	laptop.Reload()
	desk.refused(path)
	desk.outlivesItsSession(path)

	// Without a text of one's own one is led to the sign-in, and back.
	laptop.awaits("401 (Unauthorized)")
	laptop.signOutBeside()
	laptop.Click("#card-bar button", "Star")
	laptop.Fill("#email", "ada@desk.test")
	laptop.Fill("#password", password)
	laptop.Press("Enter")
	laptop.See(".card h1", "Question 1")
	if got := laptop.Path(); got != path {
		t.Errorf("signing in led to %s, not to %s", got, path)
	}
}

// discardsAndUndoes throws a draft with a file away and takes that back: it is as it was, here and for who loads the page.
func (b *browser) discardsAndUndoes() {
	b.t.Helper()
	plan := filepath.Join(b.t.TempDir(), "plan.txt")
	if err := os.WriteFile(plan, []byte("The plan as agreed.\n"), 0o644); err != nil {
		b.t.Fatal(err)
	}
	b.drop("#compose", plan)
	b.See("#reply-files .file[data-file]", "plan.txt")
	const whole = `document.querySelector("#reply-text").value.includes("I began this at my desk") && document.querySelector("#reply-files .file[data-file]") !== null`
	for _, undo := range []func(){func() { b.Press("z") }, func() { b.Click("#passing .toast button", "Undo") }} {
		b.Click("#compose-reply [data-discard]")
		b.Gone("#reply-text")
		b.See("#passing .toast", "Draft discarded")
		b.Press("r")
		b.Wait("what is written anew begins with nothing", `document.querySelector("#reply-text").value + document.querySelector("#reply-files ul").textContent.trim() === ""`)
		b.Press("Escape")
		b.Press("Escape")
		undo()
		b.Wait("text and file are there", whole)
		b.See("#reply-text")
		b.Gone("#passing .toast", "Draft discarded")
	}
	b.Reload()
	b.Wait("they are there after a reload", whole)
	b.See("#reply-files .file[data-file]", "plan.txt")
}

// refused has a letter come back with an error: what is written after that is kept at once, too.
func (b *browser) refused(path string) {
	b.t.Helper()
	b.awaits("422 (Unprocessable")
	b.Press("r")
	b.Fill("#reply-text", "It is on its way.")
	b.Fill("#reply-cc", "bad")
	b.Press("Control+Enter")
	b.See("#reply-cc-e")
	b.Fill("#reply-cc", "carl@customer.test")
	b.Fill("#reply-text", "It is on its way. It weighs a ton.")
	b.Goto("/tickets")
	b.Goto(path)
	b.again("#reply-text", "It weighs a ton.")
}

// signOutBeside ends the session as another tab does.
func (b *browser) signOutBeside() {
	b.t.Helper()
	Eval[bool](b, `fetch("/sign-out", {method: "POST"}).then(a => a.ok)`)
}

// outlivesItsSession goes on writing after the session has ended: the page says so, stays, and the letter leaves after a new sign-in.
func (b *browser) outlivesItsSession(path string) {
	b.t.Helper()
	b.awaits("401 (Unauthorized)")
	b.attend()
	b.signOutBeside()
	b.Fill("#reply-text", "What I wrote since.")
	b.See("#passing .toast", "Your session has ended")
	b.Press("Control+Enter")
	b.See("#passing .toast a[target=_blank]", "Sign in")
	if got := Eval[string](b, `document.querySelector("#passing .toast a").getAttribute("href")`); got != "/sign-in?next="+url.QueryEscape(path) {
		b.t.Errorf("the sign-in leads back from %s", got)
	}
	if got := b.Path() + " " + Eval[string](b, `document.querySelector("#reply-text").value`); got != path+" What I wrote since." {
		b.t.Errorf("after the session the page is %s", got)
	}
	Eval[bool](b, fmt.Sprintf(`fetch("/sign-in", {method: "POST", body: new URLSearchParams({email: "ada@desk.test", password: %q})}).then(a => a.ok)`, password))
	b.Press("Control+Enter")
	b.See("#talk .event[data-kind=out]", "What I wrote since.")
	b.Gone("#passing .toast", "Your session has ended")
}

// englishWords must not stand on a page in Polish or German; none of them is a word there.
var englishWords = []string{"Unassigned", "My queues", "All tickets", "Undelivered", "Closed", "Subject", "Customer", "Priority", "Queue", "Assignee", "Reply", "Comment",
	"Send", "Cancel", "Waiting", "In progress", "Search", "Language", "Sign out", "Sign in", "Recent tickets", "wrote", "Today", "Yesterday", "left"}

// Polish and German are whole: no English word is left in text, labels and titles of the list, the card, the sign-in page.
func TestLanguagesAreWhole(t *testing.T) {
	journey(t)
	_, p := furnishWith(t, 2)
	ada := open(t, p.URL, "ada")
	ada.awaits("404 (Not Found)")
	ada.signIn("ada@desk.test", password)
	for _, lang := range []struct{ code, name, queues, reply, signIn string }{
		{"pl", "Polski", "Moje kolejki", "Odpowiedz", "Zaloguj"}, {"de", "Deutsch", "Meine Warteschlangen", "Antworten", "Anmelden"}} {
		ada.Goto("/tickets")
		ada.Click("button.me")
		ada.Click("#m-me button", lang.name)
		ada.Wait("the page is in "+lang.name, fmt.Sprintf(`document.documentElement.lang === %q`, lang.code))
		ada.See(".rail", lang.queues)
		ada.noEnglish("the list")
		ada.Shot("list-" + lang.code)
		ada.Click(".ticket-row a.subject")
		ada.See(".card h1")
		ada.See("a[data-compose=reply]", lang.reply)
		ada.Press("r")
		ada.See("#reply-text")
		ada.noEnglish("the card")
		ada.Shot("card-" + lang.code)
		ada.passes(axe(t), "the card in "+lang.name)
		ada.Goto("/undelivered")
		ada.noEnglish("Undelivered")
		ada.Goto("/tickets/999999")
		ada.noEnglish("the page of what is not there")
		other := open(t, p.URL, "visitor-"+lang.code)
		other.Goto("/sign-in?lang=" + lang.code)
		other.See("button", lang.signIn)
		other.noEnglish("the sign-in page")
	}
}

func (b *browser) noEnglish(where string) {
	b.t.Helper()
	words := Eval[[]string](b, `(() => {
		const out = [document.title], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
		for (let n = walk.currentNode; n; n = walk.nextNode()) {
			if (n.nodeType === Node.TEXT_NODE) { if (!n.parentElement.closest("[lang=en], script, textarea, .event-body, .event-first, a.subject, h1, .mini-tickets")) out.push(n.data.trim()); }
			else for (const a of ["title", "aria-label", "placeholder", "data-name", "data-moved", "data-copied", "data-not-saved"]) if (n.hasAttribute(a)) out.push(n.getAttribute(a));
		}
		return out.filter(s => s);
	})()`)
	for _, said := range words {
		for _, w := range strings.FieldsFunc(said, func(r rune) bool { return strings.ContainsRune(" ,.:;()…#0123456789", r) }) {
			if slices.Contains(englishWords, w) {
				b.t.Errorf("%s says %q", where, said)
			}
		}
		if slices.Contains(englishWords, said) { // of several words
			b.t.Errorf("%s says %q", where, said)
		}
	}
}
