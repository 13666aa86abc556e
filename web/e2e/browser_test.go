package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take until it shows what is waited for; more than anything takes on two cores with two browsers, and others beside them.
const patience = 2 * time.Minute

// browser is one person's browser: a context of its own (cookies, storage) in the one Chromium, with one page. Whatever goes wrong in the page
// without being awaited fails the test: console errors, broken content policy, exceptions, dialogs, requests to other hosts.
type browser struct {
	t    *testing.T
	name string
	ctx  context.Context
	base string // of the desk it looks at

	mu      sync.Mutex
	wrong   []string // what a page must not do
	dialogs int
	foreign []string
	awaited []string // parts of errors that the journey provokes

	plain    bool // without JavaScript
	handsOff bool // of the mouse: whoever uses it fails
	touch    bool // a finger instead of a mouse
	forgiven bool // what its pages do is not judged
}

// open gives a person a browser that looks at the desk under base.
func open(t *testing.T, base, name string) *browser {
	t.Helper()
	main, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, name: name, base: base}
	ctx, done := chromedp.NewContext(main, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.heard))
	b.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		done()
		t.Fatalf("%s: open a page: %v", name, err)
	}
	t.Cleanup(done)
	t.Cleanup(b.judge)
	b.send(func(ctx context.Context) error {
		// Several browsers are open at a time; each of them is looked at.
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	})
	b.send(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900)) })
	return b
}

// heard runs in the browser's own loop and must not call it.
func (b *browser) heard(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.EntryLevelError || ev.Entry.Source == log.EntrySourceSecurity {
			b.note(fmt.Sprintf("%s: %s (%s)", ev.Entry.Source, ev.Entry.Text, ev.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeAssert {
			b.note("console: " + said(ev.Args))
		}
	case *runtime.EventExceptionThrown:
		d := ev.ExceptionDetails
		b.note(fmt.Sprintf("exception: %s %s (%s:%d)", d.Text, said([]*runtime.RemoteObject{d.Exception}), d.URL, d.LineNumber+1))
	case *network.EventRequestWillBeSent:
		if !b.ours(ev.Request.URL) {
			b.foreign = append(b.foreign, ev.Request.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.dialogs++
		go chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
	}
}

func (b *browser) note(s string) {
	if !slices.ContainsFunc(b.awaited, func(part string) bool { return strings.Contains(s, part) }) {
		b.wrong = append(b.wrong, s)
	}
}

// awaits lets the page complain in these words, as of the 409 that a journey provokes.
func (b *browser) awaits(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.awaited = append(b.awaited, part)
}

func said(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		if a == nil {
			continue
		}
		if a.Description != "" {
			out = append(out, a.Description)
		} else {
			out = append(out, string(a.Value))
		}
	}
	return strings.Join(out, " ")
}

// ours tells whether an address is of the desk, or none that needs a network.
func (b *browser) ours(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	base, _ := url.Parse(b.base)
	return u.Host == base.Host || u.Scheme == "data" || u.Scheme == "blob" || u.Scheme == "about"
}

// judge ends a browser's part in a test.
func (b *browser) judge() {
	b.mu.Lock()
	wrong, dialogs, foreign, forgiven := b.wrong, b.dialogs, b.foreign, b.forgiven
	b.mu.Unlock()
	if forgiven {
		return
	}
	for _, w := range wrong {
		b.t.Errorf("%s's page: %s", b.name, w)
	}
	if dialogs > 0 {
		b.t.Errorf("%s's page opened %d dialogs", b.name, dialogs)
	}
	for _, f := range foreign {
		b.t.Errorf("%s's page asked a foreign host: %s", b.name, f)
	}
	if b.t.Failed() {
		b.keep("failed", true)
	}
}

// send runs something against the page within the usual patience.
func (b *browser) send(fn func(ctx context.Context) error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := fn(ctx); err != nil {
		b.t.Fatalf("%s: %v", b.name, err)
	}
}

// Goto opens a path of the desk and waits until it is loaded.
func (b *browser) Goto(path string) {
	b.t.Helper()
	b.send(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Navigate(b.base+path)) })
}

// Reload loads the page again.
func (b *browser) Reload() {
	b.t.Helper()
	b.send(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Reload()) })
}

// eval evaluates an expression in the page; a page on its way elsewhere is an error.
func eval[T any](b *browser, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Eval is eval for what must work.
func Eval[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := eval[T](b, expression)
	if err != nil {
		b.t.Fatalf("%s: %s: %v", b.name, expression, err)
	}
	return v
}

// Wait waits until an expression is true. what says it for people.
func (b *browser) Wait(what, expression string) {
	b.t.Helper()
	if !eventually(b.t, func() bool { v, err := eval[bool](b, "Boolean("+expression+")"); return err == nil && v }) {
		b.keep("waiting", true)
		b.t.Fatalf("%s: %s: not within %s (%s)", b.name, what, patience, expression)
	}
}

// eventually asks again and again until ok, the patience or the test ends.
func eventually(t *testing.T, ok func() bool) bool {
	t.Helper()
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; {
		if ok() {
			return true
		}
		select {
		case now := <-tick.C:
			if now.After(deadline) {
				return false
			}
		case <-t.Context().Done():
			return false
		}
	}
}

// find is a JavaScript expression for the visible elements that match a CSS selector and contain all words (white space folded).
func find(selector string, words ...string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].filter(e => e.checkVisibility({visibilityProperty: true}) && %s.every(w => (e.textContent + " " + (e.ariaLabel ?? "") + " " + (e.value ?? "")).replace(/\s+/g, " ").includes(w)))`,
		quote(selector), quote(words))
}

func quote(v any) string {
	if words, ok := v.([]string); ok && words == nil {
		return "[]"
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings alone
	}
	return string(b)
}

// See waits until an element is visible that contains all words.
func (b *browser) See(selector string, words ...string) {
	b.t.Helper()
	b.Wait(fmt.Sprintf("see %s %q", selector, words), find(selector, words...)+".length > 0")
}

// Gone waits until there is none.
func (b *browser) Gone(selector string, words ...string) {
	b.t.Helper()
	b.Wait(fmt.Sprintf("see no %s %q", selector, words), find(selector, words...)+".length === 0")
}

// Count counts them now.
func (b *browser) Count(selector string, words ...string) int {
	b.t.Helper()
	return Eval[int](b, find(selector, words...)+".length")
}

// Text is what the first of them says now, white space folded.
func (b *browser) Text(selector string, words ...string) string {
	b.t.Helper()
	return Eval[string](b, find(selector, words...)+`[0]?.textContent.replace(/\s+/g, " ").trim() ?? ""`)
}

// NoScripts makes this a browser without JavaScript.
func (b *browser) NoScripts() {
	b.t.Helper()
	b.plain = true
	b.scripts(false)
}

func (b *browser) scripts(on bool) {
	b.t.Helper()
	b.send(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}

// Phone makes this a phone held upright.
func (b *browser) Phone() { b.t.Helper(); b.Turned(390, 844) }

// Turned makes this a phone held so.
func (b *browser) Turned(w, h int64) {
	b.t.Helper()
	b.touch = true
	b.send(func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.EmulateViewport(w, h, chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch))
	})
}

// Size makes the window as large as that.
func (b *browser) Size(width, height int64) {
	b.t.Helper()
	b.send(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.EmulateViewport(width, height)) })
}

// Theme asks for light or dark as a system does.
func (b *browser) Theme(name string) { b.t.Helper(); b.Prefers("prefers-color-scheme", name) }

// Prefers sets what a person told the system: contrast, motion, colours of their own.
func (b *browser) Prefers(feature, value string) {
	b.t.Helper()
	b.send(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: feature, Value: value}}})
		return err
	})
}

// Paper shows the page as it is printed on a sheet of A4, or on a screen again.
func (b *browser) Paper(on bool) {
	b.t.Helper()
	media := ""
	if b.Size(1280, 800); on {
		media = "print"
		b.Size(718, 1047)
	}
	b.send(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media})
		return err
	})
}

// Path is where the page is.
func (b *browser) Path() string {
	b.t.Helper()
	return Eval[string](b, "location.pathname + location.search")
}

// Mark remembers this very document; Marked tells whether it still stands, that is, was not loaded again.
func (b *browser) Mark() { b.t.Helper(); Eval[bool](b, "window.marked = true") }

// Marked tells whether the page is the one that was marked.
func (b *browser) Marked() bool { b.t.Helper(); return Eval[bool](b, "window.marked === true") }

// Shot takes a picture into .cache/shots when FRONTDESK_SHOTS=1.
func (b *browser) Shot(name string) {
	b.t.Helper()
	if os.Getenv("FRONTDESK_SHOTS") == "1" {
		b.keep(name, false)
	}
}

// keep writes a picture of the page, and what it is made of.
func (b *browser) keep(name string, source bool) {
	dir := filepath.Join("..", "..", ".cache", "shots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Log(err)
		return
	}
	path := filepath.Join(dir, strings.ReplaceAll(b.t.Name(), "/", "-")+"-"+b.name+"-"+name)
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(path+".png", picture, 0o644) //nolint:gosec // to be looked at
	}
	if source {
		html, e := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.documentElement.outerHTML`))
		err = errors.Join(err, e, os.WriteFile(path+".html", []byte(html), 0o644)) //nolint:gosec // to be looked at
		b.t.Logf("%s's page is kept in %s.png and .html", b.name, path)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		b.t.Logf("keep a picture: %v", err)
	}
}
