package gallery

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"frontdesk/internal/text"
	"frontdesk/static"
	"frontdesk/templates/href"
)

// every runs check on every page in every language.
func every(t *testing.T, check func(t *testing.T, doc *goquery.Document)) {
	t.Helper()
	t.Parallel()
	parts := Page{"parts", func(theme string, l *text.Local) templ.Component {
		return partsPage(partsShell(theme, l), place{root: href.Gallery, theme: theme, lang: l.Lang})
	}}
	for _, page := range append(Pages(), parts) {
		for _, lang := range text.Languages {
			t.Run(page.Name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				l := text.For(lang)
				var out bytes.Buffer
				if err := page.Show("", l).Render(text.With(t.Context(), l), &out); err != nil {
					t.Fatal(err)
				}
				doc, err := goquery.NewDocumentFromReader(&out)
				if err != nil {
					t.Fatal(err)
				}
				check(t, doc)
			})
		}
	}
}

func TestKeysAreNamedAsOnTheKeyboardOfTheLanguage(t *testing.T) {
	every(t, func(t *testing.T, doc *goquery.Document) {
		if !strings.HasSuffix(t.Name(), "/de") {
			return
		}
		if s := doc.Find("body").Text() + doc.Find("#words").AttrOr("data-ctrl", ""); regexp.MustCompile(`Ctrl|Shift`).MatchString(s) {
			t.Error("a key is named in English")
		}
	})
}

func TestEveryPageHasOneHeadingOneMainAndItsLanguage(t *testing.T) {
	every(t, func(t *testing.T, doc *goquery.Document) {
		if n := doc.Find("h1").Length(); n != 1 {
			t.Errorf("%d h1", n)
		}
		if n := doc.Find("main").Length(); n != 1 {
			t.Errorf("%d main", n)
		}
		if lang := doc.Find("html").AttrOr("lang", ""); !strings.HasSuffix(t.Name(), "/"+lang) {
			t.Errorf("lang %q", lang)
		}
		if doc.Find("#main").Length() != 1 {
			t.Error("the skip link leads nowhere")
		}
		if strings.TrimSpace(doc.Find("title").First().Text()) == "" {
			t.Error("no title")
		}
	})
}

func TestNoIdStandsTwiceAndEveryReferenceIsMet(t *testing.T) {
	every(t, func(t *testing.T, doc *goquery.Document) {
		seen := map[string]bool{}
		doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if seen[id] {
				t.Errorf("id %q stands twice", id)
			}
			seen[id] = true
		})
		for _, attr := range []string{"for", "aria-labelledby", "aria-describedby", "popovertarget"} {
			doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
				for _, id := range strings.Fields(s.AttrOr(attr, "")) {
					if !seen[id] {
						t.Errorf("%s=%q meets nothing", attr, id)
					}
				}
			})
		}
	})
}

func TestEveryControlHasAName(t *testing.T) {
	every(t, func(t *testing.T, doc *goquery.Document) {
		doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
			id, hasID := s.Attr("id")
			labelled := hasID && doc.Find(`label[for="`+id+`"]`).Length() > 0
			if s.AttrOr("aria-label", "") == "" && !labelled && s.Closest("label").Length() == 0 {
				html, _ := goquery.OuterHtml(s)
				t.Errorf("no label: %s", html)
			}
		})
		doc.Find("button, a[href], summary").Each(func(_ int, s *goquery.Selection) {
			if s.Closest("select").Length() == 0 && strings.TrimSpace(s.Text()) == "" && s.AttrOr("aria-label", "") == "" {
				html, _ := goquery.OuterHtml(s)
				t.Errorf("no name: %s", html)
			}
		})
		doc.Find("iframe").Each(func(_ int, s *goquery.Selection) {
			if sandbox := s.AttrOr("sandbox", ""); s.AttrOr("title", "") == "" || strings.Contains(sandbox, "allow-scripts") || sandbox == "" {
				t.Error("a frame needs a title and a sandbox without scripts")
			}
		})
	})
}

// The policy forbids inline scripts and style sheets; htmx's attributes that evaluate code would fail silently.
func TestNothingNeedsMoreThanThePolicyAllows(t *testing.T) {
	every(t, func(t *testing.T, doc *goquery.Document) {
		if n := doc.Find("script:not([src]), style, base, object, embed").Length(); n > 0 {
			t.Errorf("%d inline elements", n)
		}
		doc.Find("*").Each(func(_ int, s *goquery.Selection) {
			for _, a := range s.Nodes[0].Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || a.Key == "style" || strings.HasPrefix(a.Val, "javascript:") {
					t.Errorf("attribute %s=%q", a.Key, a.Val)
				}
			}
		})
	})
}

// Without JavaScript a deed is a form that posts to an address, and a question to a list one that gets it.
func TestEveryFormWorksWithoutJavaScript(t *testing.T) {
	every(t, func(t *testing.T, doc *goquery.Document) {
		doc.Find("form:not([method=dialog])").Each(func(_ int, s *goquery.Selection) {
			method := s.AttrOr("method", "")
			if method != "post" && (method != "get" || s.AttrOr("action", "") != href.TicketList) || !strings.HasPrefix(s.AttrOr("action", ""), "/") {
				t.Errorf("form method %q action %q", method, s.AttrOr("action", ""))
			}
			if s.Find("button:not([type=button])").Length() == 0 {
				t.Errorf("form %q has no button", s.AttrOr("action", ""))
			}
			if ajax, ok := s.Attr("hx-post"); ok && ajax != s.AttrOr("action", "") {
				t.Errorf("hx-post %q is not the action", ajax)
			}
		})
		doc.Find("a").Each(func(_ int, s *goquery.Selection) {
			if to := s.AttrOr("href", ""); to == "" || to == "#" {
				t.Errorf("dead link %q", s.Text())
			}
		})
	})
}

func TestEveryIconStandsInTheSprite(t *testing.T) {
	sprite, err := os.ReadFile("../../static/icons/sprite.svg")
	if err != nil {
		t.Fatal(err)
	}
	prefix := static.Path("icons/sprite.svg#")
	every(t, func(t *testing.T, doc *goquery.Document) {
		doc.Find("use").Each(func(_ int, s *goquery.Selection) {
			name, ok := strings.CutPrefix(s.AttrOr("href", ""), prefix)
			if !ok || !bytes.Contains(sprite, []byte(`<symbol id="`+name+`"`)) {
				t.Errorf("no icon %q", s.AttrOr("href", ""))
			}
		})
	})
}

func TestNoMessageIsShownAsItsKey(t *testing.T) {
	key := regexp.MustCompile(`\b(shell|view|list|sla|card|talk|compose|letter|auth|error|keys|quarantine|undelivered|reconcile|alarm)\.[a-z_0-9]+\b`)
	every(t, func(t *testing.T, doc *goquery.Document) {
		doc.Find("script, iframe").Remove()
		if found := key.FindString(doc.Text()); found != "" {
			t.Errorf("%s has no words", found)
		}
	})
}
