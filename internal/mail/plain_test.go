package mail

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestTextBecomesSafeHTMLWithLinks(t *testing.T) {
	t.Parallel()
	const link = ` target="_blank" rel="noopener noreferrer">`
	for text, want := range map[string]string{
		"":                      "",
		"a\nb\n\nc":             "<p>a<br>\nb</p>\n<p>c</p>\n",
		"a\r\nb\rc":             "<p>a<br>\nb<br>\nc</p>\n",
		"<b>&\"'":               "<p>&lt;b&gt;&amp;&#34;&#39;</p>\n",
		"see https://x.test/a.": `<p>see <a href="https://x.test/a"` + link + "https://x.test/a</a>.</p>\n",
		"(www.x.test/a_(b))":    `<p>(<a href="https://www.x.test/a_(b)"` + link + "www.x.test/a_(b)</a>)</p>\n",
		"mail ann@x.test, ok?":  `<p>mail <a href="mailto:ann@x.test"` + link + "ann@x.test</a>, ok?</p>\n",
		"mail jürgen@x.test":    "<p>mail jürgen@x.test</p>\n", // rgen@x.test is somebody else
		"„www.x.test/ä”.":       `<p>„<a href="https://www.x.test/%C3%A4"` + link + "www.x.test/ä</a>”.</p>\n",
		"邮箱ann@x.test":          `<p>邮箱<a href="mailto:ann@x.test"` + link + "ann@x.test</a></p>\n",
		`http://x.test/"onx=1`:  `<p><a href="http://x.test/"` + link + "http://x.test/</a>&#34;onx=1</p>\n",
		"javascript:alert(1)":   "<p>javascript:alert(1)</p>\n",
		"http://":               "<p>http://</p>\n",
		"a  b   c\n\td":         "<p>a\u00a0 b\u00a0  c<br>\n\u00a0 \u00a0 d</p>\n",
		"> q\n>> r\nnew":        "<blockquote type=\"cite\"><p>q</p>\n<blockquote type=\"cite\"><p>r</p>\n</blockquote>\n</blockquote>\n<p>new</p>\n",
		"\x00a\xff":             "<p>a\uFFFD</p>\n",
	} {
		if got := TextToHTML(text); got != want {
			t.Errorf("TextToHTML(%q)\n got %q\nwant %q", text, got, want)
		}
	}
	deep := TextToHTML(strings.Repeat(">", 100_000) + " x")
	if strings.Count(deep, "<blockquote") != maxQuoteDepth {
		t.Errorf("%d nested quotes", strings.Count(deep, "<blockquote"))
	}
}

func TestHTMLBecomesTextAsAPersonWouldTypeIt(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"":                                                            "",
		"<p>a <b>b</b>,\n c</p><p>d</p>":                              "a b, c\n\nd",
		"<div>a</div><div>b<br>c</div>":                               "a\nb\nc",
		"<div>a</div><div><br></div><div>b":                           "a\n\nb",
		"a<br><br><br><br>b":                                          "a\n\nb",
		"<ul><li>a<li>b<ul><li>c</ul></ul>d":                          "- a\n- b\n  - c\nd",
		"<ol start=9><li>a<li><p>b</p><p>c</ol>":                      "9. a\n10. b\n\n    c",
		"<table><tr><th>A<th>B<tr><td><p>1<td>2</table>":              "A | B\n1 | 2",
		"<table><tr><td>x<td></td><td>y</table>":                      "x | y",
		"<table><tr><td><p>a</p><p>b</p><td>c</table>":                "a\n\nb\n\nc",
		`<a href="https://x.test/a">here</a>`:                         "here <https://x.test/a>",
		`<a href="https://x.test/">x.test</a>`:                        "x.test",
		`<a href="mailto:a@x.test">a@x.test</a>`:                      "a@x.test",
		`<a href="mailto:a@x.test">Ann</a>`:                           "Ann <a@x.test>",
		`<a href="javascript:1">j</a>`:                                "j",
		`<img src=x alt="Logo"> <img src=y>`:                          "[Logo]",
		"a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e": "a\n> b\n> c\n> > d\n\ne",
		"<pre>  a\n   b\n</pre>c":                                     "  a\n   b\nc",
		"<h1>T</h1>x<hr>y":                                            "T\n\nx\n----------\ny",
		"<div style='display: none'>preheader</div>seen":              "seen",
		"<style>p{}</style><script>1</script><title>t</title>x":       "x",
		"a&nbsp;b &lt;c&gt; &amp;":                                    "a b <c> &",
		"Donau&shy;dampf &#x1F3F3;&#x200D;&#x1F308; &zwnj;&nbsp;&zwnj; x<i>\u200b</i>y": "Donaudampf \U0001F3F3\u200d\U0001F308 xy",
		"<div>a</div><div><b>&nbsp;</b></div><div></div><div>b</div><div> </div>c":      "a\n\nb\nc",
		"<p>\u200b\u200c</p><p>x</p>":                    "x",
		"a<span> </span>b":                               "a b",
		"a<span>&nbsp;</span>b, <b>c:</b>&nbsp;<b>d</b>": "a b, c: d",
		"<p class=MsoNormal>a<p class=MsoNormal>&nbsp;<p class=MsoNormal>b<p class=x_MsoListParagraph><span>1.<span>&nbsp; </span></span>c": "a\n\nb\n1. c",
		"un<b>believ</b>able": "unbelievable",
	} {
		if diff := cmp.Diff(want, HTMLToText(source)); diff != "" {
			t.Errorf("HTMLToText(%q) -want +got\n%s", source, diff)
		}
	}
}

func TestTextSurvivesTheWayThroughHTML(t *testing.T) {
	t.Parallel()
	text := "Hello Ann,\n\nplease see https://x.test/a?b=c&d=e and\nmail me: a@x.test.\n\n> you wrote\n> and more\n\nBye"
	if diff := cmp.Diff(text, HTMLToText(TextToHTML(text))); diff != "" {
		t.Error(diff)
	}
}

func TestExcerptIsTheBeginningOfWhatIsNew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"", 10, ""},
		{" a\n\n b\t c ", 10, "a b c"},
		{"one two three four", 12, "one two…"},
		{"Donaudampfschifffahrtsgesellschaft", 10, "Donaudamp…"},
		{"zażółć gęślą jaźń", 14, "zażółć gęślą…"},
		{"new\n\nOn Monday, Ann wrote:\n> old", 100, "new"},
		{"> only quoted", 100, "> only quoted"},
		{"Donau\u00addampf \u200c\u00a0\u200c x", 100, "Donau\u00addampf x"},
		{"x y", 0, ""},
	} {
		if got := Excerpt(c.text, c.n); got != c.want {
			t.Errorf("Excerpt(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
	if got := Excerpt(strings.Repeat("ä", 1<<20), 50); !utf8.ValidString(got) || utf8.RuneCountInString(got) != 50 {
		t.Errorf("excerpt of a long word is %q", got)
	}
}
