package e2e

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// spot is where an element can be hit.
type spot struct {
	X, Y    float64
	Covered string // by what, "" when it lies open
}

// attend waits until the page's scripts listen: nobody is quicker than they are.
func (b *browser) attend() {
	b.t.Helper()
	if !b.plain {
		b.Wait("the page's scripts run", `document.readyState === "complete" && (!document.querySelector("script[src]") || "js" in document.documentElement.dataset)`)
	}
}

// Click presses the left button, or on a phone a finger, on the first such element once it has come to rest and nothing lies over it.
func (b *browser) Click(selector string, words ...string) {
	b.t.Helper()
	if b.handsOff {
		b.t.Fatalf("%s: click %s %q: this journey has no mouse", b.name, selector, words)
	}
	at := b.resting("click", true, selector, words...)
	b.send(func(ctx context.Context) error {
		if b.touch {
			return chromedp.Do(ctx, chromedp.TapXY(at.X, at.Y))
		}
		return chromedp.Do(ctx, chromedp.MouseClickXY(at.X, at.Y))
	})
}

// Hover moves the pointer over the first such element once it has come to rest.
func (b *browser) Hover(selector string, words ...string) {
	b.t.Helper()
	at := b.resting("hover over", false, selector, words...)
	b.send(func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.MouseEvent(chromedp.MouseMoved, at.X, at.Y))
	})
}

// resting waits until the first such element has come to rest in a page that listens, and open if that is asked, and tells where.
func (b *browser) resting(to string, open bool, selector string, words ...string) spot {
	b.t.Helper()
	b.attend()
	var last, now spot
	look := fmt.Sprintf(`(() => {
		const e = %s[0];
		if (!e || %t && e.disabled) return null;
		let r = e.getBoundingClientRect();
		if (r.top < 0 || r.bottom > innerHeight || r.left < 0 || r.right > innerWidth) { e.scrollIntoView({block: "center", inline: "nearest"}); r = e.getBoundingClientRect(); }
		r = e.getClientRects()[0] ?? r;
		const X = r.left + r.width / 2, Y = r.top + r.height / 2;
		const top = document.elementFromPoint(X, Y);
		return {X, Y, Covered: top && (e.contains(top) || top.contains(e) && e.labels === undefined || [...(e.labels ?? [])].some(l => l.contains(top))) ? "" : (top?.outerHTML ?? "nothing").slice(0, 200)};
	})()`, find(selector, words...), open)
	rests := func() bool {
		at, err := eval[*spot](b, look)
		if err != nil || at == nil {
			return false
		}
		last, now = now, *at
		return (!open || now.Covered == "") && last == now
	}
	if !eventually(b.t, rests) {
		b.keep("click", true)
		b.t.Fatalf("%s: %s %s %q: not there for it within %s; covered by %s", b.name, to, selector, words, patience, now.Covered)
	}
	return now
}

// Hold lets a finger rest on the first such element until the page takes notice.
func (b *browser) Hold(selector string, words ...string) {
	b.t.Helper()
	at := b.resting("hold", true, selector, words...)
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		b.send(func(ctx context.Context) error {
			_, err := chromedp.Call(ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
			return err
		})
	}
	touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: at.X, Y: at.Y})
	b.Wait("the page takes notice of the finger", find(selector+"[aria-selected=true]", words...)+".length > 0")
	touch(input.DispatchTouchEventTypeTouchEnd)
}

// Away takes the pointer off everything that reacts to it.
func (b *browser) Away() {
	b.t.Helper()
	b.send(func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.MouseEvent(chromedp.MouseMoved, 2, 2))
	})
}

// Fill replaces what stands in a field by typing.
func (b *browser) Fill(selector, text string) {
	b.t.Helper()
	b.attend()
	b.See(selector)
	Eval[bool](b, find(selector)+`.slice(0, 1).map(e => { e.focus(); e.select(); return true; })[0]`)
	b.Type(text)
}

// Type types where the focus is.
func (b *browser) Type(text string) {
	b.t.Helper()
	b.send(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

// Choose chooses the option of a select that says text.
func (b *browser) Choose(selector, text string) {
	b.t.Helper()
	b.attend()
	b.Wait(fmt.Sprintf("choose %q in %s", text, selector), fmt.Sprintf(`(() => {
		const e = document.querySelector(%s);
		const o = [...(e?.options ?? [])].find(o => o.textContent.includes(%s));
		if (!o) return false;
		e.value = o.value;
		e.dispatchEvent(new Event("input", {bubbles: true}));
		e.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	})()`, quote(selector), quote(text)))
}

// Press presses keys one after the other, also with Control: "j", "Enter", "Control+Enter". A page that takes a key for itself gets no letter of it.
func (b *browser) Press(names ...string) {
	b.t.Helper()
	b.attend()
	for _, name := range names {
		b.press(name)
	}
}

func (b *browser) press(name string) {
	b.t.Helper()
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown}
	if rest, ok := strings.CutPrefix(name, "Control+"); ok {
		name, down.Modifiers = rest, int64(chromedp.ModifierCtrl)
	}
	if rest, ok := strings.CutPrefix(name, "Shift+"); ok {
		name, down.Modifiers = rest, int64(chromedp.ModifierShift)
	}
	if named, ok := map[string]string{"Enter": kb.Enter, "Escape": kb.Escape, "Tab": kb.Tab, "Space": " ", "ArrowDown": kb.ArrowDown, "Home": kb.Home, "End": kb.End, "Backspace": kb.Backspace}[name]; ok {
		name = named
	}
	key, ok := kb.Keys[[]rune(name)[0]]
	if !ok {
		b.t.Fatalf("there is no key %q", name)
	}
	down.Key, down.Code, down.WindowsVirtualKeyCode, down.NativeVirtualKeyCode = key.Key, key.Code, key.Windows, key.Native
	if key.Shift {
		down.Modifiers |= int64(chromedp.ModifierShift)
	}
	up := down
	up.Type = input.DispatchKeyEventTypeKeyUp
	if key.Print && down.Modifiers&int64(chromedp.ModifierCtrl) == 0 {
		down.Text, down.UnmodifiedText = key.Text, key.Unmodified
	}
	for _, stroke := range []input.DispatchKeyEventParams{down, up} {
		b.send(func(ctx context.Context) error {
			_, err := chromedp.Call(ctx, input.DispatchKeyEvent, stroke)
			return err
		})
	}
}

// TabTo moves the focus from stop to stop until it is on such an element, as somebody without a mouse does; back goes the other way.
func (b *browser) TabTo(selector string, back ...bool) {
	b.t.Helper()
	key := "Tab"
	if len(back) > 0 && back[0] {
		key = "Shift+Tab"
	}
	for range 120 {
		b.Press(key)
		if Eval[bool](b, `document.activeElement.matches(`+quote(selector)+`)`) {
			return
		}
	}
	b.keep("tab", true)
	b.t.Fatalf("%s: the Tab key does not lead to %s", b.name, selector)
}

// Upload chooses files in a field, as a camera does too.
func (b *browser) Upload(selector string, files ...string) {
	b.t.Helper()
	b.attend()
	b.send(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.SetUploadFiles(selector, files)) })
}
