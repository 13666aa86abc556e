package e2e

import (
	"net/http/httptest"
	"slices"
	"testing"

	"frontdesk/templates/gallery"
)

// onGallery opens a page of the gallery, which needs no desk.
func onGallery(t *testing.T, path string) *browser {
	t.Helper()
	s := httptest.NewServer(gallery.Stage())
	t.Cleanup(s.Close)
	b := open(t, s.URL, "eye")
	b.Away()
	b.Goto("/gallery" + path)
	b.attend()
	return b
}

// What a sign means is told to the pointer and to the keyboard, with the key that does the same; it goes by Escape, which does nothing else then,
// and can be pointed at (WCAG 1.4.13).
func TestTooltips(t *testing.T) {
	journey(t)
	b := onGallery(t, "/card?lang=en")
	const link, search = ".bar [data-copy]", ".rail-search"
	title := Eval[string](b, `document.querySelector(`+quote(link)+`).title`)
	b.Hover(link)
	b.See("#tooltip", title)
	if got := Eval[string](b, `document.querySelector(`+quote(link)+`).title`); got != "" {
		t.Errorf("the browser's own tooltip %q shows beside ours", got)
	}
	b.Hover("#tooltip")
	b.See("#tooltip", title)
	b.Press("Escape")
	b.Gone("#tooltip")
	if b.Path() != "/gallery/card?lang=en" {
		t.Errorf("Escape also led to %s", b.Path())
	}
	b.Away()
	b.Wait("the title is back", `document.querySelector(`+quote(link)+`).title === `+quote(title))

	// With the Tab key; a key of several caps.
	b.Wait("the search has the focus", `(document.querySelector(".brand").focus(), true)`)
	b.Press("Tab")
	b.See("#tooltip", "Search or jump", "Ctrl", "K")
	b.Press("Tab")
	b.Gone("#tooltip", "Search or jump")
	b.Hover(search)
	b.See("#tooltip", "Search or jump")

	// A rail that is folded shows signs alone; what they mean is told all the same.
	b.See(".rail-link[aria-current] .label")
	b.Hover(".rail-link[aria-current]")
	b.See("#tooltip", Eval[string](b, `document.querySelector(".rail-link[aria-current] .label").textContent`))
	b.Wait("the rail has the focus", `(document.querySelector(".rail-search").focus(), true)`)
	b.Press("Tab")
	b.See("#tooltip", Eval[string](b, `document.activeElement.querySelector(".label").textContent`))
	b.Press("Tab")
	b.See("#tooltip", Eval[string](b, `document.activeElement.querySelector(".label").textContent`))

	// What can be read needs no tooltip.
	b.Hover(".composer [data-compose], .compose-shut [data-compose=reply]")
	b.Gone("#tooltip")
	// A pointer that has pressed is told nothing more.
	b.Click(".bar .icon-button[popovertarget=m-ticket]")
	b.See("#m-ticket")
	b.Gone("#tooltip")
}

// A select with many options is searched by typing, whatever the accents; it keeps the focus and the value, and its change is told as ever.
func TestLongSelectsAreSearched(t *testing.T) {
	journey(t)
	b := onGallery(t, "?lang=en")
	const person = "#g-assignee"
	Eval[bool](b, `(document.addEventListener("change", e => { document.body.dataset.changed = e.target.name + "=" + e.target.value; }), true)`)
	b.Click(person)
	b.See("#chooser", "Marta Zielińska")
	b.See("#chooser [role=option][aria-selected=true][data-active]", "Marta")
	b.Type("lucja swi")
	b.Wait("one is left", `document.querySelectorAll("#chooser [role=option]").length === 1`)
	b.Press("Enter")
	b.Gone("#chooser")
	b.Wait("she is chosen, and told", `document.activeElement.id === "g-assignee" && document.activeElement.selectedOptions[0].textContent.includes("Łucja") && document.body.dataset.changed === "assignee=6"`)

	// By keys alone: a letter opens it and is the first of the search; what stands below another is found with it. Escape changes nothing.
	Eval[bool](b, `(document.querySelector("#g-queue").focus(), true)`)
	b.Press("d")
	b.See("#chooser [role=option]", "Returns › ", "Damage")
	b.Type("zzz")
	b.See("#chooser-none")
	b.Press("Escape")
	b.Gone("#chooser")
	b.Wait("the queue is as it was", `document.activeElement.id === "g-queue" && document.activeElement.value === "5"`)
	b.Shot("closed")
	b.Click("#g-queue")
	b.See("#chooser", "Damage")
	b.Shot("open")
	b.Click("#chooser [role=option]", "Business")
	b.Wait("it is chosen by the pointer too", `document.body.dataset.changed === "queue=8"`)

	// A short one is the browser's own.
	if n := b.Count("#g-priority[data-search]"); n != 0 {
		t.Error("three options are searched")
	}
}

// Where the system paints, with the colours of who looks, backgrounds are gone: what is chosen, switched on or unread is told by a line or a mark.
func TestWhatIsChosenShowsInForcedColours(t *testing.T) {
	journey(t)
	b := onGallery(t, "?lang=en")
	b.Prefers("forced-colors", "active")
	Eval[bool](b, `document.querySelector("input[type=checkbox]:not(.switch input)").indeterminate = true`)
	for what, mark := range map[string]string{
		"a radio button that is chosen": `input[type=radio]:checked:not(.segmented input)|::after|backgroundColor`,
		"a box that is chosen in part":  `input[type=checkbox]:indeterminate|::after|backgroundColor`,
		"the knob of a switch":          `.switch input|::after|backgroundColor`,
		"a switch that is on":           `.switch input:checked||backgroundColor`,
		"a tab that is open":            `.tabs > [aria-current=page]||outlineStyle`,
		"one of a few that is chosen":   `.segmented > :is([aria-pressed=true], [aria-selected=true], [aria-current=true], :has(input:checked))||outlineStyle`,
		"the view of the rail in sight": `.rail-link[aria-current=page]||outlineStyle`,
	} {
		if got := Eval[string](b, `(([at, of, is]) => { const e = document.querySelector(at); return e ? getComputedStyle(e, of)[is] : "missing"; })(`+quote(mark)+`.split("|"))`); slices.Contains([]string{"missing", "none", "rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}, got) {
			t.Errorf("%s: %s", what, got)
		}
	}
	b.passes(axe(t), "the components in forced colours")
	b.Shot("forced")
}

// By night as by day what is chosen of a few is lighter than what it lies in.
func TestWhatIsChosenIsRaisedByNight(t *testing.T) {
	journey(t)
	b := onGallery(t, "?lang=en")
	b.Theme("dark")
	if got := Eval[string](b, `(() => { const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
		const light = (...layers) => { for (const l of layers) { probe.fillStyle = l; probe.fillRect(0, 0, 1, 1); } return probe.getImageData(0, 0, 1, 1).data[1]; };
		const ground = getComputedStyle(document.querySelector(".main")).backgroundColor, all = document.querySelector(".segmented"), one = all.querySelector(":scope > :is([aria-pressed=true], [aria-selected=true], [aria-current=true], :has(input:checked))");
		const well = light(ground, getComputedStyle(all).backgroundColor), chosen = light(getComputedStyle(one).backgroundColor);
		return chosen > 1.5 * well ? "" : chosen + " in " + well; })()`); got != "" {
		t.Errorf("what is chosen is %s", got)
	}
	b.passes(axe(t), "the components by night")
}

// Every component passes WCAG 2.2 AA and best practice in both themes, with its list or tooltip open.
func TestComponentsPassAxe(t *testing.T) {
	journey(t)
	source := axe(t)
	b := onGallery(t, "?lang=de")
	b.passes(source, "the components")
	b.Click("#g-queue")
	b.See("#chooser", "Damage")
	b.passes(source, "a list that is searched")
	b.Press("Escape")
	b.Hover(".rail-link")
	b.See("#tooltip")
	b.passes(source, "a tooltip")
}

// A page that the gallery shows is made once, also in a window as narrow as a phone: it is not asked for another width, for it has none.
func TestTheGalleryStaysOnItsPage(t *testing.T) {
	journey(t)
	b := onGallery(t, "?lang=de")
	b.Size(390, 800)
	b.Goto("/gallery/card?lang=de")
	b.See(".card")
	b.Wait("it is known to be narrow", `document.querySelector(".app").dataset.width === "narrow"`)
	first := Eval[float64](b, `performance.timeOrigin`)
	b.Wait("all that it asked for is here", `performance.now() > 1500 && document.readyState === "complete"`)
	if again := Eval[float64](b, `performance.timeOrigin`); again != first {
		t.Error("the page was loaded anew")
	}
	b.passes(axe(t), "a card of the gallery in a narrow window")
}

// A list that is on its way out says so in its own grid; the one that comes waits for nothing.
func TestAListThatIsLeftWaitsInItsGrid(t *testing.T) {
	journey(t)
	b := onGallery(t, "/list?lang=en")
	Eval[bool](b, `(addEventListener("beforeunload", () => sessionStorage.setItem("busy", document.getElementById("list").ariaBusy)), true)`)
	b.Click(".rail-link:not([aria-current])", "Unassigned")
	b.Wait("it said that it waits", `sessionStorage.getItem("busy") === "true"`)
	b.Wait("the other does not", `location.pathname === "/tickets" && document.getElementById("list").ariaBusy !== "true"`)
	// Said again at each look: a page that has only just come says once more that it does not wait.
	b.Wait("the words of a row give way", `(document.getElementById("list").ariaBusy = "true", getComputedStyle(document.querySelector(".ticket-row .subject-line")).visibility === "hidden")`)
	b.Shot("waiting")
}
