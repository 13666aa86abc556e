package e2e

import (
	"bytes"
	"context"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// files come by dropping and pasting too; each tells how far it is, and what is written waits for the last. The card of b takes a comment.
func files(b *browser) {
	b.t.Helper()
	dir := b.t.TempDir()
	plan, list := filepath.Join(dir, "plan.txt"), filepath.Join(dir, "list.txt")
	for _, name := range []string{plan, list} {
		if err := os.WriteFile(name, bytes.Repeat([]byte("The plan as agreed.\n"), 5_000), 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
	b.Press("n")
	b.Fill("#comment-text", "The plan, and how it looks.")

	// A table is copied as text and as a picture: the text is meant. A picture alone is a file.
	if Eval[bool](b, pasted("table.png", "a;b")) {
		b.t.Error("the picture of a copied table is attached in place of its text")
	}
	if !Eval[bool](b, pasted("shot.png", "")) {
		b.t.Error("a pasted picture is not taken")
	}
	b.See("#comment-files .file[data-file]", "shot.png")

	// Where the line breaks, what was not attached is told, all of it, and nothing says any more that the comment will go.
	Eval[bool](b, `(() => {
		window.real = XMLHttpRequest.prototype.send;
		window.lines = [];
		XMLHttpRequest.prototype.send = function () { lines.push(this); };
		return true;
	})()`)
	for _, name := range []string{plan, list} {
		b.drop("#compose", name)
		b.See("#comment-files .file[aria-busy]", filepath.Base(name))
	}
	b.Press("Control+Enter")
	b.See("#compose-comment .composer-state", "Sent as soon as the files are here")
	Eval[bool](b, `(() => {
		while (lines.length > 0) lines.shift().onerror();
		XMLHttpRequest.prototype.send = real;
		return true;
	})()`)
	b.See("#comment-files [data-wrong]", "plan.txt could not be attached", "list.txt could not be attached")
	b.Wait("nothing says that it will be sent", `!document.querySelector("#compose-comment .composer-state").textContent.startsWith("Sent as")`)
	b.Wait("nor that it travels", `document.querySelector("#comment-files [data-said]").textContent === ""`)

	// On a slow line the bar moves, and a comment sent meanwhile waits.
	Eval[bool](b, `(() => {
		window.bars = [];
		new MutationObserver((all) => all.forEach((m) => { if (m.target.localName === "progress") bars.push(m.target.value); }))
			.observe(document.getElementById("comment-files"), { subtree: true, attributes: true, attributeFilter: ["value"] });
		return true;
	})()`)
	b.uploads(100_000)
	b.drop("#compose", plan)
	b.See("#comment-files .file[aria-busy]", "plan.txt")
	b.Press("Control+Enter")
	b.See("#compose-comment .composer-state", "Sent as soon as the files are here")
	b.Shot("uploading")
	b.See("#talk .event[data-kind=comment]", "The plan, and how it looks.", "plan.txt", "shot.png")
	b.uploads(-1)
	if bars := Eval[[]float64](b, "bars"); len(bars) < 2 || bars[0] >= 100 {
		b.t.Errorf("the bar of a file on a slow line stood at %v", bars)
	}
	if n := b.Count("#talk .event[data-kind=comment]", "The plan, and how it looks."); n != 1 {
		b.t.Errorf("the comment that waited was sent %d times", n)
	}
}

// pasted pastes a picture, and text beside it where there is some, into the comment; true when the page took it for a file.
func pasted(name, words string) string {
	return `(() => {
		const data = new DataTransfer();
		data.items.add(new File([Uint8Array.from([137, 80, 78, 71])], ` + quote(name) + `, { type: "image/png" }));
		if (` + quote(words) + `) data.setData("text/plain", ` + quote(words) + `);
		return !document.getElementById("comment-text").dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data }));
	})()`
}

// uploads lets the browser send at most so many bytes a second; -1 lets it go.
func (b *browser) uploads(most float64) {
	b.t.Helper()
	b.send(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: most}}})
		return err
	})
}

// drop drags a file over an element, which shows that it takes it, and lets go.
func (b *browser) drop(selector, file string) {
	b.t.Helper()
	at := b.resting("drop a file on", true, selector)
	drag := func(kind input.DispatchDragEventType) {
		b.send(func(ctx context.Context) error {
			_, err := chromedp.Call(ctx, input.DispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: at.X, Y: at.Y,
				Data: &input.DragData{Items: []*input.DragDataItem{}, Files: []string{file}, DragOperationsMask: 1}})
			return err
		})
	}
	drag(input.DispatchDragEventTypeDragEnter)
	drag(input.DispatchDragEventTypeDragOver)
	b.Wait(selector+" shows that it takes a file", `document.querySelector(`+quote(selector)+`).hasAttribute("data-dropping")`)
	drag(input.DispatchDragEventTypeDrop)
}
