package mail

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// mailCorpus is the folder of test data beside the project. Where it is
// absent the test is skipped, except in CI.
func mailCorpus(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", "corpora", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the corpus %s is absent", path)
		}
		t.Skipf("the corpus %s is absent", path)
	}
	return path
}

var (
	shownElements   = wordSet("html head body details summary")
	shownAttributes = wordSet(`style href target rel src alt title class align valign dir lang width height border hspace
		vspace cellpadding cellspacing colspan rowspan span bgcolor color bordercolor size face nowrap noshade start value
		type data-remote-src data-remote-background`)
	loadingStyle = regexp.MustCompile(`(?i)\b(?:url|image|image-set|cross-fade|element|paint|src|attr|var|env|expression)\s*\(|-image-set|[@\\<>{}]|/\*|` +
		`(?:^|;)\s*(?:position|animation|transition|transform|behavior|-moz-binding|content|filter|cursor|top|left|z-index|--[a-z]+)[^:;]*:`)
	shownSource = regexp.MustCompile(`^(?:cid:|data:image/(?:png|jpeg|jpg|gif|webp);base64,)`)
)

// hostileParts reads HTML as a browser would and lists everything that could
// run, load, submit, cover or be mistaken for ours. It knows nothing of how
// Clean works.
func hostileParts(t *testing.T, source string) []string {
	t.Helper()
	context := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(source), context)
	if err != nil {
		return []string{"cannot be read: " + err.Error()}
	}
	var found []string
	var look func(n *html.Node)
	look = func(n *html.Node) {
		if n.Type == html.CommentNode || n.Type == html.DoctypeNode {
			found = append(found, "comment or doctype")
		}
		if n.Type == html.ElementNode {
			if n.Namespace != "" || !treeKnown[n.Data] && !shownElements[n.Data] {
				found = append(found, "element "+n.Namespace+" "+n.Data)
			}
			for _, a := range n.Attr {
				if what := hostileAttribute(n.Data, a); what != "" {
					found = append(found, what)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			look(c)
		}
	}
	for _, n := range nodes {
		look(n)
	}
	return found
}

func hostileAttribute(element string, a html.Attribute) string {
	told := fmt.Sprintf("%s %s=%.60q", element, a.Key, a.Val)
	if a.Namespace != "" || !shownAttributes[a.Key] {
		return told
	}
	switch a.Key {
	case "style":
		if loadingStyle.MatchString(a.Val) {
			return told
		}
	case "src":
		if element != "img" || !shownSource.MatchString(a.Val) {
			return told
		}
	case "data-remote-src", "data-remote-background":
		if element != "img" && !hasBackground[element] || !strings.HasPrefix(a.Val, "http") || a.Key == "data-remote-src" && element != "img" {
			return told
		}
	case "href":
		u, err := url.Parse(a.Val)
		if err != nil || element != "a" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto" && u.Scheme != "tel" {
			return told
		}
	case "class":
		if a.Val != "quoted" || element != "details" && element != "summary" {
			return told
		}
	case "type":
		if element == "input" || element == "button" {
			return told
		}
	}
	return ""
}

// checkHarmless holds for what Clean made, for what a browser makes of that,
// and for what ShowRemote and ResolveCID make of it, apart from pictures.
func checkHarmless(t *testing.T, what, source string) {
	t.Helper()
	clean := Clean(source)
	for _, bad := range hostileParts(t, clean.HTML) {
		t.Errorf("%s: %s\nsource %.300q\ngives %.300q", what, bad, source, clean.HTML)
	}
	again := reparsed(t, clean.HTML)
	for _, bad := range hostileParts(t, again) {
		t.Errorf("%s, read twice: %s\nsource %.300q", what, bad, source)
	}
	shown := ResolveCID(ShowRemote(clean.HTML), func(string) (string, bool) { return "/blobs/1", true })
	for _, bad := range hostileParts(t, shown) {
		if !strings.HasPrefix(bad, `img src="https://`) && !strings.HasPrefix(bad, `img src="/blobs/1"`) && !strings.Contains(bad, ` background="https://`) {
			t.Errorf("%s, with remote pictures: %s\nsource %.300q", what, bad, source)
		}
	}
}

func reparsed(t *testing.T, source string) string {
	t.Helper()
	context := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(source), context)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, n := range nodes {
		if err := html.Render(&out, n); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func TestHostileFragmentsOfDOMPurifyComeOutHarmless(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join(mailCorpus(t, "html"), "dompurify-fixtures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var fixtures []struct{ Title, Payload string }
	if err := json.Unmarshal(raw, &fixtures); err != nil {
		t.Fatal(err)
	}
	if len(fixtures) < 222 {
		t.Fatalf("only %d fragments", len(fixtures))
	}
	flagged := 0
	for i, f := range fixtures {
		if len(hostileParts(t, f.Payload)) > 0 {
			flagged++
		}
		name := fmt.Sprintf("fragment %d %s", i, f.Title)
		checkHarmless(t, name, f.Payload)
		checkHarmless(t, name+" in a table", "<table><tr><td>"+f.Payload+"</td></tr></table>")
		checkHarmless(t, name+" in svg", "<svg><desc>"+f.Payload)
		checkHarmless(t, name+" in a style attribute", `<p style="`+strings.ReplaceAll(f.Payload, `"`, "&quot;")+`">x</p>`)
		checkHarmless(t, name+" in a link", `<a href="`+strings.ReplaceAll(f.Payload, `"`, "&quot;")+`">x</a>`)
		checkHarmless(t, name+" as a picture", `<img alt="x" src="`+strings.ReplaceAll(f.Payload, `"`, "&quot;")+`">`)
		checkHarmless(t, name+" as text", TextToHTML(f.Payload))
	}
	if flagged < len(fixtures)*9/10 {
		t.Errorf("the check sees danger in only %d of %d raw fragments: it is no check", flagged, len(fixtures))
	}
}

// remoteLoads are ways in which HTML makes a browser connect, in the manner
// of the HTTPLeaks collection; written for this project.
var remoteLoads = []string{
	`<img src="http://e.test/1">`, `<img src=//e.test/2>`, `<IMG SRC="  https://e.test/3">`, `<img src="ht&#9;tp://e.test/4">`,
	`<img srcset="http://e.test/5 1x, http://e.test/6 2x">`, `<img src="cid:a" srcset="http://e.test/7 1x">`,
	`<img lowsrc="http://e.test/8">`, `<img dynsrc="http://e.test/9">`, `<img longdesc="http://e.test/10">`, `<img usemap="http://e.test/11">`,
	`<image src="http://e.test/12">`, `<image href="http://e.test/13">`, `<img src="data:image/svg+xml;base64,PHN2Zy8+">`,
	`<img src="data:text/html,<script>1</script>">`, `<img src="data:image/svg+xml,%3Csvg onload=1%3E">`,
	`<picture><source srcset="http://e.test/14"><img src="http://e.test/15"></picture>`,
	`<video src="http://e.test/16"></video>`, `<video poster="http://e.test/17"></video>`, `<video><source src="http://e.test/18"></video>`,
	`<video><track src="http://e.test/19" default></video>`, `<audio src="http://e.test/20"></audio>`, `<bgsound src="http://e.test/21">`,
	`<embed src="http://e.test/22">`, `<embed code="http://e.test/23">`, `<object data="http://e.test/24"></object>`,
	`<object classid="http://e.test/25" codebase="http://e.test/26"></object>`, `<applet code="x" codebase="http://e.test/27"></applet>`,
	`<param name="movie" value="http://e.test/28">`, `<iframe src="http://e.test/29"></iframe>`, `<iframe srcdoc="<img src=http://e.test/30>"></iframe>`,
	`<frameset><frame src="http://e.test/31"></frameset>`, `<body background="http://e.test/32">x`, `<table background="http://e.test/33"><tr><td>x</table>`,
	`<table><tr><td background="http://e.test/34">x</table>`, `<table><thead background="http://e.test/35"><tr><td>x</table>`,
	`<link rel="stylesheet" href="http://e.test/36">`, `<link rel="prefetch" href="http://e.test/37">`, `<link rel="dns-prefetch" href="//e.test">`,
	`<link rel="icon" href="http://e.test/38">`, `<link rel="preload" as="image" href="http://e.test/39">`, `<link rel="import" href="http://e.test/40">`,
	`<base href="http://e.test/41"><img src="x.png">`, `<meta http-equiv="refresh" content="0;url=http://e.test/42">`,
	`<meta http-equiv="Content-Security-Policy" content="report-uri http://e.test/43">`, `<script src="http://e.test/44"></script>`,
	`<style>@import url(http://e.test/45);</style>`, `<style>@import 'http://e.test/46';</style>`, `<style>p{background:url(http://e.test/47)}</style><p>x`,
	`<style>@font-face{font-family:x;src:url(http://e.test/48)}</style>`, `<svg><style>p{background:url(http://e.test/49)}</style></svg><p>x`,
	`<p style="background:url(http://e.test/50)">x`, `<p style="background-image:url('http://e.test/51')">x`, `<p style='background:URL("//e.test/52")'>x`,
	`<p style="background:u\72l(http://e.test/53)">x`, `<p style="background:\75\72\6c(http://e.test/54)">x`, `<p style="background:u/**/rl(http://e.test/55)">x`,
	`<p style="list-style:url(http://e.test/56)">x`, `<ul style="list-style-image:url(http://e.test/57)"><li>x</ul>`, `<p style="content:url(http://e.test/58)">x`,
	`<p style="cursor:url(http://e.test/59),auto">x`, `<p style="border-image:url(http://e.test/60) 30">x`, `<p style="border-image-source:url(http://e.test/61)">x`,
	`<p style="mask:url(http://e.test/62)">x`, `<p style="-webkit-mask-image:url(http://e.test/63)">x`, `<p style="filter:url(http://e.test/64#f)">x`,
	`<p style="clip-path:url(http://e.test/65#c)">x`, `<p style="shape-outside:url(http://e.test/66)">x`, `<p style="background:image-set('http://e.test/67' 1x)">x`,
	`<p style="background:image(http://e.test/68)">x`, `<p style="background:cross-fade(url(http://e.test/69),url(http://e.test/70),50%)">x`,
	`<p style="color:red;background:-webkit-image-set(url(http://e.test/71) 1x)">x`, `<p style="behavior:url(http://e.test/72)">x`,
	`<p style="-moz-binding:url(http://e.test/73#x)">x`, `<p style="--x:url(http://e.test/74);background:var(--x)">x`, `<p style="background:src('http://e.test/75')">x`,
	`<p style="color:red&#59;background&#58;url&#40;http://e.test/76&#41;">x`, `<p style="font-family:'x;background:url(http://e.test/77)'">x`,
	`<p style="width:expression(new Image().src='http://e.test/78')">x`, `<font style="background:url&lpar;http://e.test/79&rpar;">x</font>`,
	`<svg><image href="http://e.test/80"/></svg>`, `<svg><image xlink:href="http://e.test/81"/></svg>`, `<svg><use href="http://e.test/82#x"/></svg>`,
	`<svg><feImage href="http://e.test/83"/></svg>`, `<svg><script href="http://e.test/84"/></svg>`, `<svg fill="url(http://e.test/85#a)"/>`,
	`<svg><a href="javascript:1"><text>x</text></a></svg>`, `<svg><animate attributeName="href" values="http://e.test/86"/></svg>`,
	`<svg><foreignObject><img src="http://e.test/87"></foreignObject></svg>`, `<math href="http://e.test/88">x</math>`, `<math><mglyph src="http://e.test/89"></math>`,
	`<math><annotation-xml encoding="text/html"><img src="http://e.test/90"></annotation-xml></math>`,
	`<form action="http://e.test/91"><input type="image" src="http://e.test/92"></form>`, `<button formaction="http://e.test/93">x</button>`,
	`<input type="image" src="http://e.test/94">`, `<isindex action="http://e.test/95">`, `<a ping="http://e.test/96" href="http://ok.test">x</a>`,
	`<a href="http://ok.test" attributionsrc="http://e.test/97">x</a>`, `<q cite="http://e.test/98">x</q>`, `<blockquote cite="http://e.test/99">x</blockquote>`,
	`<div data-remote-src="http://e.test/100">x</div>`, `<html manifest="http://e.test/101">x`, `<head profile="http://e.test/102">x`,
	`<portal src="http://e.test/103"></portal>`, `<fencedframe src="http://e.test/104"></fencedframe>`, `<layer src="http://e.test/105"></layer>`, `<ilayer src="http://e.test/106"></ilayer>`,
	`<xml src="http://e.test/107"></xml>`, `<template shadowrootmode="open"><img src="http://e.test/108"></template>`, `<noscript><img src="http://e.test/109"></noscript>`,
	`<!--[if mso]><v:fill src="http://e.test/110"/><![endif]--><p onclick=1>x`, `<v:image src="http://e.test/111"/>`, `<?xml-stylesheet href="http://e.test/112"?>x`,
	`<!DOCTYPE html SYSTEM "http://e.test/113">x`, `<menu><command icon="http://e.test/114"></menu>`, `<area href="http://e.test/115" shape="default">`,
	`<details open ontoggle="fetch('http://e.test/116')">x</details>`, `<marquee onstart="fetch('http://e.test/117')">x</marquee>`,
	`<a href="javascript:fetch('http://e.test/118')">x</a>`, `<a href=" java&#10;script:1">x</a>`, `<a href="&#1;javascript:1">x</a>`, `<a href="vbscript:1">x</a>`,
	`<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>`, `<a href="blob:http://e.test/119">x</a>`, `<a href="file:///etc/passwd">x</a>`, `<a href="cid:x">x</a>`,
	`<a href="#top" name="location" id="document">x</a>`, `<form id="x"><input name="attributes"></form>`, `<img name="cookie" src="cid:1">`,
	`<p class="quoted" id="app">x</p>`, `<p style="position:fixed;top:0;left:0;width:100%;height:100%">x`, `<p style="POSITION : absolute">x`,
	`<p style="animation:x 1s">x`, `<p contenteditable autofocus onfocus=1 tabindex=1>x`, `<p is="x-evil" slot="y" part="z">x`, `<p popover popovertarget=x>x`,
}

func TestNothingOfAMailLoadsByItself(t *testing.T) {
	t.Parallel()
	if len(remoteLoads) < 60 {
		t.Fatalf("only %d vectors", len(remoteLoads))
	}
	for _, source := range remoteLoads {
		// ParseFragment drops html, head, body, frameset: no positive control.
		if len(hostileParts(t, source)) == 0 && !strings.HasPrefix(source, "<body") && !strings.HasPrefix(source, "<html") &&
			!strings.HasPrefix(source, "<head") && !strings.HasPrefix(source, "<frameset") && !strings.HasPrefix(source, "<!DOCTYPE") &&
			!strings.Contains(source, "isindex") {
			t.Errorf("the check does not see the danger of the raw %q", source)
		}
		checkHarmless(t, "vector", source)
		checkHarmless(t, "vector in a quote", `<p>new</p><blockquote type="cite">`+source+`</blockquote>`)
	}
}

func TestRemotePicturesWaitForAClick(t *testing.T) {
	t.Parallel()
	c := Clean(`<body background="http://e.test/b"><img src="http://e.test/a.png?x=1&y=2" alt="Logo"><img src="//e.test/c">` +
		`<img src="cid:part1@x"><img src="data:image/PNG;base64,iVBO
Rw0K"><img src="relative.png" alt="gone"></body>`)
	if c.RemotePictures != 3 {
		t.Errorf("%d remote pictures, want 3", c.RemotePictures)
	}
	for _, want := range []string{`data-remote-src="http://e.test/a.png?x=1&amp;y=2"`, `data-remote-src="https://e.test/c"`,
		`data-remote-background="http://e.test/b"`, `src="cid:part1@x"`, `src="data:image/png;base64,iVBORw0K"`, `[gone]`} {
		if !strings.Contains(c.HTML, want) {
			t.Errorf("no %s in %s", want, c.HTML)
		}
	}
	shown := ShowRemote(c.HTML)
	for _, want := range []string{`<img src="https://e.test/a.png?x=1&amp;y=2" alt="Logo">`, `background="https://e.test/b"`, `src="cid:part1@x"`} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %s in %s", want, shown)
		}
	}
	if strings.Contains(shown, "data-remote") || strings.Contains(shown, "http://") {
		t.Errorf("something stayed aside: %s", shown)
	}
}

func TestInlinePicturesGetTheirAddress(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	got := ResolveCID(Clean(`<p>cid:text</p><img src="CID:a%20b@x" alt="one"><img src="cid:none" alt="two">`).HTML, func(cid string) (string, bool) {
		asked[cid] = true
		return `/blobs/7?a=1&b="<x>`, cid == "a b@x"
	})
	want := `<p>cid:text</p><img src="/blobs/7?a=1&amp;b=&#34;&lt;x&gt;" alt="one"><img alt="two">`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if !asked["a b@x"] || !asked["none"] || len(asked) != 2 {
		t.Errorf("asked for %v", asked)
	}
}

func TestWhatMailLooksLikeIsKept(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`<font color=red size="+1" face="Arial, 'Segoe UI'">x</font>`:                   `<font color="red" size="+1" face="Arial, &#39;Segoe UI&#39;">x</font>`,
		`<p style="COLOR:#ff0000;font-family:&quot;Segoe UI&quot;,Arial;mso-x:y">x</p>`: `<p style="color: #ff0000; font-family: &#34;Segoe UI&#34;,Arial">x</p>`,
		`<p style="background:#fff url(x.png) no-repeat">x</p>`:                         `<p style="background-color: #fff">x</p>`,
		`<p style="height:100vh;width:50%">x</p>`:                                       `<p style="width: 50%">x</p>`,
		`<p style="display:none">x</p><p style="display:flex">y</p>`:                    `<p style="display: none">x</p><p>y</p>`,
		`<table width=600 cellpadding=0><tr><td colspan=2 bgcolor=#eee>x</table>`:       `<table width="600" cellpadding="0"><tr><td colspan="2" bgcolor="#eee">x</td></tr></table>`,
		`<center><h1>x</h1></center><hr>`:                                               `<center><h1>x</h1></center><hr>`,
		`<a href="www.x.test/a b?c=%zz">x</a>`:                                          `<a href="https://www.x.test/a%20b?c=%25zz" target="_blank" rel="noopener noreferrer">x</a>`,
		`<a href="mailto:a@x.test?subject=Hi">x</a>`:                                    `<a href="mailto:a@x.test?subject=Hi" target="_blank" rel="noopener noreferrer">x</a>`,
		`<a href="tel:+48123">x</a><a href="/relative">y</a>`:                           `<a href="tel:+48123" target="_blank" rel="noopener noreferrer">x</a><a>y</a>`,
		`<o:p>Word</o:p><custom-tag>kept</custom-tag>`:                                  `Wordkept`,
		`<b><p>x</b>y</p>z`:                        `<b><p>x</p></b><p>y</p>z`,
		`<p>a<p>b<ul><li>c<li>d</ul>`:              `<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>`,
		`<div>a</span></div></div><p>b`:            `<div>a</div><p>b</p>`,
		`<td>no table</td>`:                        `no table`,
		`<object>shown instead`:                    `shown instead`,
		`<ol start=3 type=a><li value=7>x`:         `<ol start="3" type="a"><li value="7">x</li></ol>`,
		`<textarea><b>x</b></textarea>`:            `<pre>&lt;b&gt;x&lt;/b&gt;</pre>`,
		`<title>gone</title><style>p{</style>here`: `here`,
		"\xff\x00<p>a\xffb</p>":                    "\uFFFD<p>a\uFFFDb</p>",
	} {
		if got := Clean(source).HTML; got != want {
			t.Errorf("Clean(%q)\n got %s\nwant %s", source, got, want)
		}
	}
}

// The second pass must find nothing to do: what it changes, the first pass
// let through.
func TestFirstPassLeavesNothingForTheSecond(t *testing.T) {
	t.Parallel()
	sources := append([]string(nil), remoteLoads...)
	for _, source := range sources {
		root, ok := htmlTree(source)
		if !ok {
			t.Fatal(source)
		}
		c := cleaning{}
		for _, k := range root.kids {
			c.write(k)
		}
		if first, second := c.out.String(), mailPolicy().Sanitize(c.out.String()); first != second {
			t.Errorf("%q\nfirst  %s\nsecond %s", source, first, second)
		}
	}
}

// Each of these makes some reader of HTML need time or memory far out of
// proportion. Here the result stays in proportion.
func TestMailMadeToBeSlowStaysSmall(t *testing.T) {
	t.Parallel()
	var fonts strings.Builder
	for i := range 400 {
		fmt.Fprintf(&fonts, "<font size=%d>", i%7)
	}
	n := 30_000
	for name, source := range map[string]string{
		"formatting rebuilt for each paragraph": "<div>" + fonts.String() + "</div>" + strings.Repeat("<p>x</p>", n),
		"paragraphs within open formatting":     "<p>" + fonts.String() + strings.Repeat("<p>x", n),
		"formatting closed across blocks":       strings.Repeat("<b><div><i><p>", 100) + strings.Repeat("</b>x<b>", n/2),
		"nested":                                strings.Repeat("<div>", n) + "x" + strings.Repeat("</div>", n),
		"nested tables":                         strings.Repeat("<table><tr><td>", n/3) + "x",
		"nested quotes":                         strings.Repeat("<blockquote type=cite>", n/2) + strings.Repeat("x<br>", n/2),
		"many quotes":                           "x" + strings.Repeat("<blockquote type=cite>y</blockquote>", n/2),
		"many attributions":                     "x" + strings.Repeat("<div>On 3 wrote:</div><blockquote>y</blockquote>", n/4),
		"many header blocks":                    "x" + strings.Repeat("<p><b>From:</b> a</p>", n/3),
		"one attribute":                         `<p style="` + strings.Repeat("color:red;", 200_000) + `">x</p>`,
		"many attributes":                       `<p ` + strings.Repeat("a=b ", 300_000) + `>x</p>`,
		"unclosed tags":                         strings.Repeat("<a ", 400_000),
		"unclosed comment":                      "x<!--" + strings.Repeat("<!--", 400_000),
		"only <":                                strings.Repeat("<", 2_000_000),
		"end tags":                              strings.Repeat("<div>", 200) + strings.Repeat("</span>", n) + strings.Repeat("</li>", n),
		"entities":                              strings.Repeat("&amp", 400_000),
		"brackets in an address":                "http://x" + strings.Repeat(")", 1_000_000),
		"spans":                                 strings.Repeat("<span>", 140_000) + "x",
		"too much markup":                       strings.Repeat("<p>word</p>", 400_000),
	} {
		c := Clean(source)
		if len(c.HTML) > 12*len(source)+1000 {
			t.Errorf("%s: %d bytes became %d", name, len(source), len(c.HTML))
		}
		if text := HTMLToText(source); len(text) > 2*maxPlain {
			t.Errorf("%s: %d bytes of text", name, len(text))
		}
		TextToHTML(source)
		QuoteAt(source)
	}
}

func TestMailBeyondTheLimitsShowsItsText(t *testing.T) {
	t.Parallel()
	c := Clean(strings.Repeat("<p>some <b>words</b></p>", 100_000) + "<script>no()</script>")
	if !c.TextOnly || !strings.Contains(c.HTML, "some words") || strings.Contains(c.HTML, "no()") {
		t.Errorf("text only %v, %.100s", c.TextOnly, c.HTML)
	}
	picture := Clean(`<p>x</p><img src="data:image/png;base64,` + strings.Repeat("AAAA", 1<<20) + `">`)
	if picture.TextOnly || len(picture.HTML) < 4<<20 {
		t.Errorf("a mail with a picture of 4 MB in it: text only %v, %d bytes", picture.TextOnly, len(picture.HTML))
	}
}

func TestHTMLThatShowsNothingStandsInFrontOfNoText(t *testing.T) {
	t.Parallel()
	const text = "The printer burns."
	for _, source := range []string{
		"<html><head></head><body></body></html>", "<br>", "<p>&nbsp;</p>", " ", "<div>&#8203;&emsp;<hr></div>", "<title>Printer</title><style>p{}</style>", `<img src="javascript:x">`,
		"<table><tr><td bgcolor=red></td></tr></table>",
	} {
		m := Message{Text: text, HTML: source}
		if got := m.Clean().HTML; got != "" {
			t.Errorf("%q hides the text behind %q", source, got)
		}
	}
	for _, source := range []string{
		"<p>.", `<img src="cid:1@x">`, `<img src="https://x.test/a.png">`, `<table background="https://x.test/a.png"></table>`, `<img alt="a fire">`,
		`<p><blockquote type="cite">On fire`,
	} {
		m := Message{Text: text, HTML: source}
		if m.Clean().HTML == "" {
			t.Errorf("%q is not shown", source)
		}
	}
	m := Message{Text: " \u00a0\r\n", HTML: "<hr>"}
	if m.Clean().HTML == "" {
		t.Error("a rule is not shown, and there is no text")
	}
}

func TestDocumentPutsTheReadersWordsOnTheFold(t *testing.T) {
	t.Parallel()
	c := Clean(`<p>new</p><details><summary class="quoted">theirs</summary></details><blockquote type="cite">old</blockquote>`)
	page := Document(c.HTML, Frame{Language: "pl", QuotedLabel: `Cytat <"wcześniejszy">`})
	if strings.Count(page, `<summary class="quoted">`) != 1 || !strings.Contains(page, `<summary class="quoted">Cytat &lt;&#34;wcześniejszy&#34;&gt;</summary>`) {
		t.Errorf("no fold in %s", page)
	}
	if !strings.HasPrefix(page, `<!DOCTYPE html><html lang="pl">`) || strings.Contains(page, "<script") {
		t.Errorf("page starts %.80s", page)
	}
}

// go test -fuzz FuzzClean ./internal/mail
func FuzzClean(f *testing.F) {
	for _, source := range remoteLoads {
		f.Add(source)
	}
	f.Add(`<p>x</p><div class="gmail_quote">On 3 wrote:<blockquote>y`)
	f.Add(`x<hr><div id=divRplyFwdMsg><b>From:</b> a<br>Sent: b<br>To: c</div>y`)
	f.Fuzz(func(t *testing.T, source string) {
		checkHarmless(t, "fuzz", source)
		checkHarmless(t, "fuzz, as text", TextToHTML(source))
		if at := QuoteAt(source); at >= len(source) && at > 0 {
			t.Errorf("QuoteAt is %d of %d", at, len(source))
		}
		HTMLToText(source)
	})
}

func BenchmarkClean(b *testing.B) {
	row := `<tr><td style="font-family:Arial,sans-serif;font-size:14px;color:#333333;padding:8px"><p style="margin:0">Some words of a newsletter, <a href="https://x.test/a?b=c">a link</a> and more.</p></td></tr>`
	source := `<html><body><table width="600">` + strings.Repeat(row, 200) + `</table></body></html>`
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		Clean(source)
	}
}

// Its style sheet sets the lines of a signature close and leaves room for the marks of lists, which hang out to the left.
func TestOutlooksParagraphsLookAsThere(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`<p class=MsoNormal>a`: `<p style="margin: 0">a</p>`,
		`<p class="m_1MsoListParagraphCxSpFirst" style='text-indent:-18.0pt;mso-list:l0'>1. a`: `<p style="margin: 0 0 0 36pt; text-indent: -18.0pt">1. a</p>`,
		`<p class=MsoPlainText style='margin-left:1cm'>a`:                                      `<p style="margin: 0; margin-left: 1cm">a</p>`,
		`<p class=MsoTitle>a`:   `<p>a</p>`,
		`<li class=MsoNormal>a`: `<li>a</li>`,
	} {
		if got := Clean(source).HTML; got != want {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
	}
}

func TestColoursOfTheWholeMailAreKept(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`<body bgcolor=000000 text="#fff" style="margin:0"><font color=white>a`:   `<div style="background-color: #000000; color: #fff; margin: 0"><font color="white">a</font></div>`,
		`<body bgcolor=white text=black>a`:                                        `<div style="background-color: white; color: black">a</div>`,
		`<body bgcolor="red;position:fixed" text="url(x)" dir=rtl link=#111111>a`: `<div dir="rtl" style="background-color: red">a</div>`,
	} {
		if got := Clean(source).HTML; got != want {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
	}
}
