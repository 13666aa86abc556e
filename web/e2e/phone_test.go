package e2e

import (
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The desk in a pocket: what is to do, a ticket newest first, a photo for the colleagues, an answer taken back with its file, a link handed on.
func TestPhone(t *testing.T) {
	journey(t)
	s, p := furnishWith(t, 2)
	s.drop(letter{From: "Agnieszka Wiśniewska <alice@customer.test>", Subject: "Lamp arrived with a cracked glass shade, second time now", Text: "Dzień dobry,\n\nniestety druga lampa również przyszła z pękniętym kloszem.\n\nPozdrawiam serdecznie\nAgnieszka Wiśniewska"})
	shot := photo(t)
	ada := open(t, p.URL, "ada")
	ada.Phone()
	ada.enter("ada@desk.test", password)
	ada.See("h1", "To do")
	ada.See(".welcome", "Yours, and what nobody has")
	ada.See(".welcome", "A photo from the camera goes along")
	ada.again(".ticket-row a.subject", "Lamp arrived")
	ada.fits("the welcome")
	ada.passes(axe(t), "the welcome")
	for _, theme := range []string{"light", "dark"} {
		ada.Theme(theme)
		ada.Shot("welcome-" + theme)
	}
	ada.Turned(390, 667)
	ada.Goto("/tickets?q=nothing-says-this")
	ada.See(".empty .button", "Look in all tickets")
	ada.Wait("nothing floats on the way out of an empty list", `(() => {
		document.querySelector(".scroll").scrollTo(0, 9999);
		const way = document.querySelector(".empty .button"), r = way.getBoundingClientRect();
		return [r.left + 2, r.right - 2].every((x) => way.contains(document.elementFromPoint(x, r.bottom - 2)));
	})()`)
	ada.Phone()
	ada.Goto("/tickets")
	ada.understood()
	ada.Reload()
	ada.Gone(".welcome")
	ada.again(".ticket-row a.subject", "Lamp arrived")
	ada.again(".ticket-row a.subject", "Question 1")
	ada.fits("the list")
	ada.passes(axe(t), "the list")
	for _, theme := range []string{"light", "dark"} {
		ada.Theme(theme)
		ada.Shot("list-" + theme)
	}

	// A finger that stays picks a row; then others are picked by a touch, until all are let go.
	ada.Click("[data-pick-mode]")
	ada.Click(".ticket-row a.subject", "Question 1")
	ada.See(".selection .count", "1 selected")
	ada.Hold(".ticket-row", "Question 2")
	ada.See(".selection .count", "2 selected")
	ada.fits("the selection")
	ada.passes(axe(t), "the selection")
	ada.Shot("selection")
	ada.Click(".selection [data-act=assignee]")
	ada.Click("#m-bulk-assignee button", "Ada Lovelace")
	ada.See("#passing .toast", "2 tickets assigned to Ada Lovelace")
	ada.Gone(".selection")
	ada.Click(".toast button", "Undo")
	ada.See("#passing .toast", "2 tickets are as they were")

	ada.Fill("#filter-q", "glass shade")
	ada.Press("Enter")
	ada.Wait("the list is what was searched for", `document.querySelectorAll(".ticket-row").length === 1`)
	ada.Click(".ticket-row a.subject", "Lamp arrived")
	ada.See("#talk .event[data-kind=in]", "pękniętym")
	at := ada.Path()

	// Eight notes more: three, the others behind one line, three.
	Eval[bool](ada, `(async () => {
		for (let i = 1; i <= 8; i++) await fetch(location.pathname + "/comments", { method: "POST", body: new URLSearchParams({ text: "Note " + i, form_key: "n" + i }) });
		return true;
	})()`)
	ada.Goto(at)
	ada.See("#talk .fold-gap", "+3 between")
	ada.Wait("the newest stands first, in the document too", `document.querySelector("#talk .event").textContent.includes("Note 8")`)
	ada.Gone("#talk .event", "Note 4")
	ada.fits("the card")
	ada.passes(axe(t), "the card")
	ada.Shot("card")
	ada.Click("#talk .fold-gap", "+3")
	ada.See("#talk .event", "Note 4")

	// A detail, by the row under the subject: each of them says to the ear what it is of.
	ada.See(".glance button", "Priority:")
	ada.Click(".glance button", "New")
	ada.See("#side select[name=status]")
	ada.fits("the details")
	ada.Shot("details")
	ada.Choose("#d-status", "In progress")
	ada.See("#side .side-shut button")
	ada.Fill("#d-cc", "bob@customer.test")
	ada.Click("#side .side-shut button")
	ada.See(".glance button", "In progress")
	ada.See("#talk .event", "Cc bob@customer.test added")

	// A note with a photo.
	ada.Click("a[data-compose=comment]")
	ada.Upload("#compose-comment .attach[data-camera] input", shot)
	ada.See("#comment-files .file[data-file]", "pęknięcie.jpg")
	ada.Type("Batch 2209 again.")
	ada.fits("the comment")
	ada.passes(axe(t), "the comment")
	ada.Shot("comment")
	ada.Click("#compose-comment button[data-kind=primary]")
	ada.See("#talk .event[data-kind=comment]", "Batch 2209 again.", "pęknięcie.jpg")
	ada.Wait("it stands first", `document.querySelector("#talk .event[data-kind]:not([data-line])").textContent.includes("Batch 2209")`)

	// An answer with it, taken back: text and file are there again.
	ada.Click("a[data-compose=reply]")
	ada.Upload("#compose-reply .attach:not([data-camera]) input", shot)
	ada.See("#reply-files .file[data-file]", "pęknięcie.jpg")
	ada.Fill("#reply-text", "A new shade leaves our warehouse tomorrow.")
	ada.passes(axe(t), "the reply")
	ada.Shot("reply")
	ada.Fill("#reply-text", "A new shade leaves our warehouse tomorrow morning.")
	ada.Turned(844, 390)
	ada.Wait("the page is for the other width, and the writing goes on", `document.querySelector(".app").dataset.width === "wide" && document.activeElement.id === "reply-text" && document.activeElement.value.endsWith("tomorrow morning.")`)
	ada.Phone()
	ada.Wait("and so back again", `document.querySelector(".app").dataset.width === "narrow" && document.activeElement.value.endsWith("tomorrow morning.")`)
	ada.Click("#compose-reply .button-pair button", "Send")
	ada.See("#talk .event[data-kind=out]", "A new shade leaves", "pęknięcie.jpg")
	ada.Shot("undo")
	ada.Click(".toast button", "Cancel")
	ada.Wait("the text is back", `document.getElementById("reply-text")?.value.includes("A new shade leaves")`)
	ada.See("#reply-files .file[data-file]", "pęknięcie.jpg")
	ada.Click("#compose-reply button[popovertarget=m-send]")
	ada.Click("#m-send label", "At once")
	ada.Gone("#m-send")
	ada.Click("#compose-reply .button-pair button", "Send")
	ada.sent("A new shade leaves")
	ada.passes(axe(t), "an answered card on a phone")
	if got := s.received("alice@customer.test", "INBOX", 1)[0]; !strings.Contains(got, "filename*=utf-8''p%C4%99kni%C4%99cie.jpg") {
		t.Errorf("the letter has no file of that name:\n%.2000s", got)
	}

	// The link goes where the phone sends it.
	Eval[bool](ada, `(navigator.share = async (what) => { window.shared = what; }, true)`)
	ada.Click("#card-bar a[data-copy]")
	ada.Wait("it is handed on", `window.shared?.url.endsWith(document.querySelector(".card").dataset.ticket) && window.shared.title.includes("Lamp")`)

	// Turned, or on a tablet, the sides stand where a finger can bring them in.
	for _, wide := range []int64{600, 844, 859} {
		ada.Sized(wide, 700)
		ada.Goto(at)
		ada.Wait("the details can be reached", `[...document.querySelectorAll("[popovertarget=side]")].some((e) => e.checkVisibility())`)
	}
}

// fits holds a phone's page to its width, and what a finger must hit to forty pixels each way.
func (b *browser) fits(where string) {
	b.t.Helper()
	for _, wrong := range Eval[[]string](b, `(() => {
		const wrong = [];
		for (const e of [document.scrollingElement, ...document.querySelectorAll(".scroll, .talk, .compose, .bar, .card-side")])
			if (e.scrollWidth > e.clientWidth + 1) wrong.push(e.localName + "." + e.className + " can be moved sideways: " + e.scrollWidth + " > " + e.clientWidth);
		for (const e of document.querySelectorAll("a[href], button, select, input:not([type=hidden]), textarea, summary")) {
			if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.closest(".sr, .skip, .prose, .quoted") || e.closest("select") !== null && e.localName !== "select") continue;
			const r = (e.closest(e.localName === "button" ? "label" : "label, .combobox-box") ?? e).getBoundingClientRect();
			const tall = e.matches("a.subject") ? e.closest(".ticket-row").getBoundingClientRect().height : r.height;
			if (r.width > 0 && (r.right > innerWidth + 1 || r.left < -1) && !e.closest(".rail-scroll, .glance")) wrong.push(e.outerHTML.slice(0, 120) + " lies outside");
			if (r.width > 0 && (tall < 39.5 || r.width < 39.5) && !e.closest(".contact, .mini-tickets, .files")) wrong.push(e.outerHTML.slice(0, 120) + " is " + Math.round(r.width) + " x " + Math.round(tall));
		}
		return wrong;
	})()`) {
		b.t.Errorf("%s: %s", where, wrong)
	}
}

// photo is a picture of some size.
func photo(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 1200, 900))
	for x := range 1200 {
		for y := range 900 {
			d := math.Hypot(float64(x-600), float64(y-450))
			img.Set(x, y, color.RGBA{uint8(180 + 60*math.Sin(d/40)), uint8(150 + x*y%37), uint8(90 + y%91), 255})
		}
	}
	path := filepath.Join(t.TempDir(), "pęknięcie.jpg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, img, nil); err != nil {
		t.Fatal(err)
	}
	return path
}
