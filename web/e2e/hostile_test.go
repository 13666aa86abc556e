package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ownPayloads are ways of breaking out that the corpus lacks: into text and attributes of our own pages, into what our scripts read, and ways of
// making a browser connect.
var ownPayloads = []string{
	`"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`, `</title><script>alert(1)</script>`, `</textarea><script>alert(1)</script>`,
	`</script><script>alert(1)</script>`, `--><script>alert(1)</script>`, `]]><script>alert(1)</script>`, `" autofocus onfocus=alert(1) x="`,
	`' onmouseover='alert(1)`, "` onload=alert(1)", `javascript:alert(1)`, `java&#9;script:alert(1)`, `https://evil.test/"onmouseover="alert(1)`,
	`https://evil.test/'onclick='alert(1)`, `https://evil.test/<img/src=x/onerror=alert(1)>`, `www.evil.test/"><script>alert(1)</script>`,
	`mailto:x"onclick="alert(1)"@evil.test`, `<a href="javascript:alert(1)">x</a>`, `{{constructor.constructor('alert(1)')()}}`, `${alert(1)}`, `<%= alert(1) %>`,
	`<hx-partial hx-target="#list"><script>alert(1)</script></hx-partial>`, `<div hx-get="/tickets" hx-trigger="load" hx-on:load="alert(1)">x</div>`,
	`<p data-hx-on:click="alert(1)" hx-on::load="alert(1)">x</p>`, `<template shadowrootmode="open"><script>alert(1)</script></template>`,
	`<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>`, `<object data="data:text/html,<script>alert(1)</script>"></object>`,
	`<form action="/tickets/1/replies" method=post><button>x</button></form>`, `<meta http-equiv="refresh" content="0;url=//evil.test/m">`,
	`<base href="//evil.test/">`, `<link rel=stylesheet href="//evil.test/s.css">`, `<style>@import url(//evil.test/i.css)</style>`,
	`<p style="background:url(//evil.test/b.png)">x</p>`, `<p style="position:fixed;inset:0;z-index:9999">x</p>`, `<img src="//evil.test/p.png" alt=x>`,
	`<img srcset="//evil.test/s.png 1x">`, `<video poster="//evil.test/v.png" autoplay><source src="//evil.test/v.mp4"></video>`,
	`<table background="//evil.test/t.png"><tr><td>x</td></tr></table>`, `<svg><image href="//evil.test/g.png"/></svg>`,
	`<svg><animate onbegin=alert(1) attributeName=x dur=1s>`, `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`,
	`<details open ontoggle=alert(1)>x</details>`, `<marquee onstart=alert(1)>x</marquee>`, `<body onload=alert(1)>`, `<input autofocus onfocus=alert(1)>`,
	`<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>">`, `<a href="data:text/html,<script>alert(1)</script>">x</a>`,
	"<scr\u0000ipt>alert(1)</scr\u0000ipt>", "\u202e<script>alert(1)</script>", "\u2028alert(1)\u2029", `%3Cscript%3Ealert(1)%3C/script%3E`, `\u003cscript\u003ealert(1)`,
	`=cmd|' /C calc'!A0`, `../../../etc/passwd`, `x.html;.png`, `"; filename="evil.html`,
}

// payloads are those of the corpus beside the project and our own. Without the corpus, which CI must have, ours alone are sent.
func payloads(t *testing.T) []string {
	t.Helper()
	all := ownPayloads
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "corpora", "html", "dompurify-fixtures.json"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Log(err)
		return all
	}
	var fixtures []struct{ Payload string }
	if err := json.Unmarshal(raw, &fixtures); err != nil {
		t.Fatal(err)
	}
	for _, f := range fixtures {
		all = append(all, f.Payload)
	}
	return all
}

// hostile is one mail with a payload in every place that a reader sees.
type hostile struct {
	subject string
	name    string   // of the sender
	text    string   // plain, shown when there is no HTML
	html    string   // "" for a mail of text alone
	files   []string // their names
	answers string
}

// bytes writes it as a mail program would that sees nothing wrong in it.
func (h hostile) bytes() ([]byte, string) {
	id := fmt.Sprintf("<%d.%d@customer.test>", time.Now().UnixNano(), letters.Add(1))
	var b strings.Builder
	fmt.Fprintf(&b, "Date: %s\r\nFrom: %s <mallory@customer.test>\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: %s\r\nMIME-Version: 1.0\r\n",
		time.Now().Format(time.RFC1123Z), word(h.name), support, word(h.subject), id)
	if h.answers != "" {
		fmt.Fprintf(&b, "In-Reply-To: %s\r\n", h.answers)
	}
	b.WriteString("Content-Type: multipart/mixed; boundary=mixed\r\n\r\n--mixed\r\n")
	if h.html == "" {
		b.WriteString(leaf("text/plain; charset=utf-8", "", h.text))
	} else {
		quoted := html.EscapeString(h.html)
		body := `<p>Before</p><img src="cid:pic&quot;onerror=alert(1)@x" alt="` + quoted + `" title="` + quoted + `"><a href="https://evil.test/` + quoted + `" title="` +
			quoted + `">link</a>` + h.html + `<p>After`
		b.WriteString("Content-Type: multipart/related; boundary=related\r\n\r\n--related\r\nContent-Type: multipart/alternative; boundary=alternative\r\n\r\n--alternative\r\n" +
			leaf("text/plain; charset=utf-8", "", h.text) + "--alternative\r\n" + leaf("text/html; charset=utf-8", "", body) + "--alternative--\r\n--related\r\n" +
			leaf("image/png; name=x.png", "Content-ID: <pic\"onerror=alert(1)@x>\r\nContent-Disposition: inline\r\n", "\x89PNG\r\n\x1a\n") + "--related--\r\n")
	}
	for _, f := range h.files {
		b.WriteString("--mixed\r\n" + leaf("application/octet-stream", "Content-Disposition: attachment; filename*=UTF-8''"+url.PathEscape(f)+"\r\n", "file"))
	}
	b.WriteString("--mixed--\r\n")
	return []byte(b.String()), id
}

// leaf is a part with content, in base64.
func leaf(kind, header, content string) string {
	var lines strings.Builder
	for s := base64.StdEncoding.EncodeToString([]byte(content)); s != ""; {
		n := min(76, len(s))
		lines.WriteString(s[:n] + "\r\n")
		s = s[n:]
	}
	return "Content-Type: " + kind + "\r\nContent-Transfer-Encoding: base64\r\n" + header + "\r\n" + lines.String()
}

// word is text in a header, as encoded words on lines of their own.
func word(s string) string {
	var words []string
	for s != "" {
		n := 0
		for i := range s {
			if i > 40 {
				break
			}
			n = i
		}
		if len(s) <= 40 {
			n = len(s)
		}
		words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, "\r\n ")
}

// hostileTickets spreads the payloads: each in one HTML body, sender's name and file name; all of a ticket's in its subject and in a text of its
// own. It returns one list of mails for each ticket.
func hostileTickets(all []string) [][]hostile {
	const each = 24
	var tickets [][]hostile
	for len(all) > 0 {
		some := all[:min(each, len(all))]
		all = all[len(some):]
		mails := []hostile{{subject: clip(strings.Join(some, " "), 900), name: some[0], text: strings.Join(some, "\n\n"), files: some}}
		for _, p := range some {
			mails = append(mails, hostile{subject: p, name: p, text: p, html: p, files: []string{p}})
		}
		tickets = append(tickets, mails)
	}
	return tickets
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
