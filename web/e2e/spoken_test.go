package e2e

import (
	"regexp"
	"slices"
	"testing"
)

// record writes down whatever is read out by itself from now on: what changes within a region that is live.
const record = `(() => {
	window.spoken = [];
	new MutationObserver(all => {
		for (const { target, addedNodes } of all) {
			const region = (target.nodeType === 1 ? target : target.parentElement)?.closest("[aria-live], [role=status], [role=alert]");
			if (!region?.checkVisibility() || region.getAttribute("aria-live") === "off") continue;
			const words = (addedNodes.length ? [...addedNodes] : [target]).map(n => n.textContent).join(" ").replace(/\s+/g, " ").trim();
			if (words) window.spoken.push(words);
		}
	}).observe(document.body, {subtree: true, childList: true, characterData: true});
	return true;
})()`

// What happens is read out once: not a second time while the list settles, not at every saving of what is being written, and not with every second
// that a letter still waits.
func TestWhatHappensIsReadOutOnce(t *testing.T) {
	journey(t)
	_, p := furnishWith(t, 2)
	ada := open(t, p.URL, "ada")
	ada.signIn("ada@desk.test", password)
	ada.again(".ticket-row a.subject", "Question 2")
	Eval[bool](ada, record)
	ada.Press("j")
	ada.Press("x")
	ada.See(".selection .count", "1 selected")
	ada.Wait("its menus have come", `document.getElementById("m-bulk-priority")`)
	ada.onlyOnce(`^1 selected$`)

	ada.Press("Escape")
	ada.Click(".ticket-row a.subject", "Question 1")
	ada.See(".card h1", "Question 1")
	Eval[bool](ada, record)
	ada.Press("r")
	ada.Fill("#reply-text", "Half of it.")
	ada.See("#compose-reply .composer-state", "saved")
	first := ada.Text("#compose-reply .composer-state")
	ada.Type(" And the rest.")
	ada.Wait("it is saved again", `document.querySelector("#compose-reply .composer-state").textContent.trim() !== `+quote(first))
	ada.onlyOnce(`^Draft saved`)

	ada.Press("Control+Enter")
	ada.Wait("two seconds pass", `(() => {
		const left = parseInt(document.querySelector("#undos [data-seconds-left]")?.textContent);
		if (!(left > 0)) return false;
		window.first ??= left;
		return left <= window.first - 2;
	})()`)
	ada.onlyOnce(`Question 1|Klient 1|\d s\b`)
	if got := ada.state("timer", "", "live"); got != "" && got != "off" {
		t.Errorf("the seconds are read out as they pass: %q", got)
	}
	ada.passes(axe(t), "what was read out")
}

// onlyOnce fails unless exactly one thing that was read out fits.
func (b *browser) onlyOnce(pattern string) {
	b.t.Helper()
	spoken := Eval[[]string](b, "window.spoken")
	fits := slices.DeleteFunc(slices.Clone(spoken), func(s string) bool { return !regexp.MustCompile(pattern).MatchString(s) })
	if len(fits) != 1 {
		b.t.Errorf("%s hears %q %d times: %q", b.name, pattern, len(fits), spoken)
	}
}
