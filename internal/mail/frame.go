package mail

import (
	"strings"

	"golang.org/x/net/html"
)

// A Frame is what Document needs besides the mail.
type Frame struct {
	Language    string // of the mail, as Language told: "en", "pl", "de", else unknown
	QuotedLabel string // what stands on the fold of earlier mail, in the reader's language
}

// Document is the whole page of the message frame for a cleaned fragment: a
// white sheet, also in dark mode, text that wraps, pictures that fit, earlier
// mail behind a fold that needs no script. The answer's headers (sandbox,
// CSP) belong to the route, see DECISIONS, Message frame.
func Document(cleaned string, f Frame) string {
	label := f.QuotedLabel
	if label == "" {
		label = "…"
	}
	summary := `<summary class="quoted">` + html.EscapeString(label) + `</summary>`
	var page strings.Builder
	page.Grow(len(cleaned) + len(frameStyle) + 400)
	page.WriteString(`<!DOCTYPE html><html`)
	if f.Language != "" && f.Language != "other" {
		page.WriteString(` lang="` + html.EscapeString(f.Language) + `"`)
	}
	page.WriteString(`><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
		`<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="only light"><style>` + frameStyle +
		`</style></head><body><div class="mail">`)
	page.WriteString(strings.ReplaceAll(cleaned, foldSummary, summary))
	page.WriteString(`</div></body></html>`)
	return page.String()
}

const frameStyle = `:root{color-scheme:only light}
html,body{margin:0;padding:0;background:#fff}
body{color:#1c1e21;font:.875rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif;overflow-wrap:anywhere}
.mail{padding:2px;display:flow-root;overflow-x:auto}
img{max-width:100%;height:auto}
img:not([src]){display:inline-block;min-width:1.5em;min-height:1.5em;border:1px dashed #b9bec7;color:#5c6470;font-size:.75rem}
table{max-width:100%}
td,th{overflow-wrap:break-word}
pre,code,samp,tt{white-space:pre-wrap}
p{margin:0 0 .75em}
p:last-child{margin-bottom:0}
a{color:#0b57d0}
blockquote{margin:.5em 0;padding-left:.9em;border-left:3px solid #d5d9e0;color:#4a515c}
hr{border:0;border-top:1px solid #d5d9e0}
details.quoted{margin:.6em 0}
summary.quoted{display:inline-block;padding:1px 10px;border:1px solid #d5d9e0;border-radius:10px;background:#f3f4f6;color:#4a515c;font-size:.75rem;cursor:pointer;list-style:none}
summary.quoted::-webkit-details-marker{display:none}
summary.quoted:focus-visible{outline:2px solid #0b57d0;outline-offset:2px}
details.quoted[open]>summary.quoted{margin-bottom:.6em}
@media print{details.quoted::details-content{content-visibility:visible}summary.quoted{display:none}}`
