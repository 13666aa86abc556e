package e2e

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Who has their browser write larger has the whole page larger, at a desk and on a phone, and loses nothing of it.
func TestPagesGrowWithTheLettersOfTheBrowser(t *testing.T) {
	journey(t)
	s, p := furnishWith(t, 1)
	s.drop(letter{From: "Agnieszka Wiśniewska <alice@customer.test>", Subject: "Lamp arrived with a cracked glass shade, second time now", Type: "text/html", Text: `<p class=MsoNormal>Dzień dobry,</p>`})
	ada := open(t, p.URL, "ada")
	ada.signIn("ada@desk.test", password)
	ada.again(".ticket-row a.subject", "Lamp arrived")
	height := `document.querySelector(".ticket-row").offsetHeight`
	usual := Eval[float64](ada, height)
	ada.Letters(24)
	if now := Eval[float64](ada, height); now < 1.45*usual {
		t.Errorf("a row of %v px is %v px high", usual, now)
	}
	for name, size := range map[string]func(){"a desk": func() { ada.Size(1280, 800) }, "a phone": ada.Phone, "a Polish phone": func() {
		ada.speaks("pl")
		ada.Phone()
	}} {
		size()
		ada.Goto("/tickets?view=queues&q=is:open")
		ada.See(".ticket-row a.subject", "Lamp arrived")
		ada.holds("the list at " + name)
		ada.passes(axe(t), "the list in large letters at "+name)
		ada.Shot("list-" + name)
		ada.Click(".ticket-row a.subject", "Lamp arrived")
		ada.See("#talk .event[data-kind=in] iframe.letter")
		ada.Wait("the letter has grown too", `parseFloat(getComputedStyle(document.querySelector("iframe.letter").contentDocument.querySelector("p")).fontSize) > 20`)
		ada.holds("the card at " + name)
		ada.Shot("card-" + name)
		ada.Press("r")
		ada.See("#reply-text")
		ada.holds("the composer at " + name)
		ada.passes(axe(t), "a card in large letters at "+name)
		ada.Shot("composer-" + name)
	}
}

// speaks sets the language of who is signed in.
func (b *browser) speaks(language string) {
	b.t.Helper()
	Eval[bool](b, `fetch("/me/settings", { method: "POST", body: new URLSearchParams({ language: "`+language+`", next: "/tickets" }) }).then(() => true)`)
}

// Letters sets the usual size of letters, as the settings of a browser do.
func (b *browser) Letters(pixels int64) {
	b.t.Helper()
	b.send(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: pixels, Fixed: pixels}})
		return err
	})
}

// holds finds what can be moved sideways, lies where nobody reaches it, or on something else.
func (b *browser) holds(where string) {
	b.t.Helper()
	for _, wrong := range Eval[[]string](b, `(() => {
		const wrong = [];
		for (const e of [document.scrollingElement, ...document.querySelectorAll(".scroll, .doc, .talk, .compose, .composer, .composer-head, .segmented > *, .bar, .card-side")])
			if (e.checkVisibility() && e.scrollWidth > e.clientWidth + 1) wrong.push(e.localName + "." + e.className + " can be moved sideways: " + e.scrollWidth + " > " + e.clientWidth);
		for (const e of document.querySelectorAll("a[href], button, select, input:not([type=hidden]), textarea, summary")) {
			const r = e.getBoundingClientRect();
			if (e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest(".sr, .skip, .rail-scroll, .glance") && r.width > 0 && (r.right > innerWidth + 1 || r.left < -1)) wrong.push(e.outerHTML.slice(0, 120) + " lies outside");
		}
		const floats = [...document.querySelectorAll(".next > .button, .filters .chip-add")].filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect());
		for (const [i, r] of floats.entries()) for (const o of floats.slice(i + 1)) if (r.left < o.right && o.left < r.right && r.top < o.bottom && o.top < r.bottom) wrong.push("one button lies on the other");
		for (const row of document.querySelectorAll(".ticket-row")) {
			const cells = [...row.cells].filter((c) => c.checkVisibility()).map((c) => [c.dataset.col, c.getBoundingClientRect()]);
			for (const [a, r] of cells) for (const [b, o] of cells) if (a < b && r.left < o.right - 1 && o.left < r.right - 1 && r.top < o.bottom - 1 && o.top < r.bottom - 1) wrong.push(a + " lies on " + b);
		}
		return wrong;
	})()`) {
		b.t.Errorf("%s: %s", where, wrong)
	}
}
