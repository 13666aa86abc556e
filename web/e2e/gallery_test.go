package e2e

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"frontdesk/templates/gallery"
)

// view is one picture of the gallery: a page at a size, and what is done to it first.
type view struct {
	name string // of the page; "" is the one with the components
	as   string // of the picture, when it differs; with a slash it lies there, seen from docs
	w, h int64
	do   func(b *browser)
}

const (
	deskW, deskH   = 1280, 800
	phoneW, phoneH = 390, 844
)

// views are the pictures that are kept. Few and telling: each stands twice, in light and in dark.
var views = []view{
	{name: "", as: "../gallery", w: 1200, h: 4000},
	{name: "list", as: "../list", w: 1440, h: 900},
	{name: "list", as: "../filters", w: deskW, h: deskH, do: func(b *browser) {
		b.Click(".chip a[data-pick]")
		b.See("#picker [data-picker]")
	}},
	{name: "list", as: "list-picked", w: deskW, h: deskH, do: func(b *browser) {
		Eval[bool](b, `[1, 4, 5].map(i => document.querySelectorAll(".ticket-row .pick input")[i].click()).length > 0`)
		b.Wait("the menus are there", `document.querySelector("#m-bulk-status")`)
		b.Click(".selection [data-act=status]")
		b.See("#m-bulk-status button")
	}},
	{name: "list", as: "../palette", w: deskW, h: deskH, do: func(b *browser) {
		b.Press("Control+k")
		b.See("#palette[open]")
		b.Type("lamp")
		b.See("#palette [role=option]", "Klara Lamprecht")
	}},
	{name: "split", as: "../split", w: 1440, h: 900},
	{name: "list-empty", w: deskW, h: deskH},
	{name: "card", w: deskW, h: deskH},
	{name: "card-reply", w: deskW, h: deskH},
	{name: "card-error", w: deskW, h: deskH},
	{name: "quarantine", w: deskW, h: deskH},
	{name: "reconcile", w: deskW, h: deskH},
	{name: "signin", w: deskW, h: deskH},
	{name: "", as: "parts-phone", w: phoneW, h: 5720},
	{name: "list-phone", as: "../phone-list", w: phoneW, h: phoneH},
	{name: "card-phone", as: "../phone-card", w: phoneW, h: phoneH},
}

// Every component and the pages that matter look as they did when somebody last looked: `make gallery` takes the pictures again, and the difference
// is then seen in the change. The same browser draws the same pixels: fewer may differ than a short word has. Another one than took the pictures may
// draw letters a little differently: half a percent of each.
func TestGalleryLooksAsItDid(t *testing.T) {
	journey(t)
	s := httptest.NewServer(gallery.Stage())
	t.Cleanup(s.Close)
	b := open(t, s.URL, "eye")
	same := b.tookThem()
	var last view
	for _, v := range views {
		if v.w != last.w || v.h != last.h {
			b.Sized(v.w, v.h)
		}
		last = v
		b.arrange(v)
		b.compare(v, "light", same)
		b.compare(v, "dark", same)
	}
}

// still takes away what moves, and sets in the pages' own face what the system would set.
const still = `(() => {
	const still = new CSSStyleSheet();
	still.replaceSync(":root { --mono: Inter; } *, ::before, ::after, ::backdrop { animation: none !important; transition: none !important; caret-color: transparent !important; }");
	document.adoptedStyleSheets = [still];
	for (const frame of document.querySelectorAll("iframe.letter")) frame.contentDocument.body.style.opacity = 0; // its words are set by the system
	return true;
})()`

// Sized gives the browser a screen. A page that watches its own width is left before.
func (b *browser) Sized(w, h int64) {
	b.t.Helper()
	b.send(func(ctx context.Context) error {
		if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
			return err
		}
		if w == phoneW {
			return chromedp.Do(ctx, chromedp.EmulateViewport(w, h, chromedp.EmulateMobile, chromedp.EmulateTouch))
		}
		return chromedp.Do(ctx, chromedp.EmulateViewport(w, h))
	})
}

// tookThem tells whether this is the browser that took the pictures; when they are taken it is remembered.
func (b *browser) tookThem() bool {
	b.t.Helper()
	path := filepath.Join("..", "..", "docs", "gallery", "browser.txt")
	now := Eval[string](b, `navigator.userAgent`) + "\n"
	was, err := os.ReadFile(path)
	if string(was) != now && os.Getenv("FRONTDESK_GALLERY") == "1" {
		err = os.WriteFile(path, []byte(now), 0o644) //nolint:gosec // everybody reads it
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return string(was) == now
}

// arrange opens a view.
func (b *browser) arrange(v view) {
	b.t.Helper()
	b.Away()
	b.Goto(strings.TrimSuffix("/gallery/"+v.name, "/") + "?lang=en")
	b.attend()
	b.Wait("the letters in frames are there", `[...document.querySelectorAll("iframe.letter")].every(f => f.dataset.fit === "" || f.getBoundingClientRect().top > innerHeight)`)
	Eval[bool](b, still)
	if v.do != nil {
		v.do(b)
	}
	if off := Eval[float64](b, `document.querySelector(".app, .alone").getBoundingClientRect().top`); off != 0 {
		b.t.Errorf("%s: the page itself is scrolled, by %v", v.name, off)
	}
	b.Wait("letters and pictures are there", `document.fonts.ready.then(() => document.fonts.status === "loaded" && [...document.images].every(i => i.complete))`)
}

// compare holds what is seen now against the picture of it, or takes that anew.
func (b *browser) compare(v view, theme string, same bool) {
	b.t.Helper()
	b.Theme(theme)
	Eval[bool](b, `(document.documentElement.dataset.theme = `+quote(theme)+`, true)`)
	var shot []byte
	b.send(func(ctx context.Context) (err error) {
		shot, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
		return err
	})
	taken, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		b.t.Fatal(err)
	}
	now := plain(taken)
	name := v.as
	if name == "" {
		name = v.name
	}
	if theme == "dark" {
		name += "-dark"
	}
	path := filepath.Join("..", "..", "docs", "gallery", name+".png")
	was, err := picture(path)
	if os.Getenv("FRONTDESK_GALLERY") == "1" {
		if err == nil && differs(was, now, nil) == 0 {
			return // the file stays, byte by byte
		}
		save(b.t, path, now)
		return
	}
	if err != nil {
		b.t.Errorf("%v: make gallery takes the picture", err)
		return
	}
	seen := image.NewRGBA(now.Bounds())
	may := 50
	if !same {
		may = len(now.Pix) / 4 / 200
	}
	if n := differs(was, now, seen); n > may {
		diff := filepath.Join("..", "..", ".cache", "gallery", filepath.Base(name)+".png")
		save(b.t, diff, seen)
		save(b.t, filepath.Join("..", "..", ".cache", "gallery", filepath.Base(name)+"-now.png"), now)
		b.t.Errorf("%s: %d of its pixels differ, see %s; make gallery takes it anew", filepath.Base(path), n, diff)
	}
}

// differs counts the pixels that differ by more than the edge of a letter may, and marks them in seen. A picture of another size differs altogether.
func differs(was, now, seen *image.RGBA) int {
	const tolerance = 24 // of 255 in one colour
	if was.Bounds() != now.Bounds() {
		return len(now.Pix) / 4
	}
	n := 0
	for i := 0; i < len(now.Pix); i += 4 {
		a, b := was.Pix[i:i+3], now.Pix[i:i+3]
		far := apart(a[0], b[0]) > tolerance || apart(a[1], b[1]) > tolerance || apart(a[2], b[2]) > tolerance
		if far {
			n++
		}
		if seen != nil {
			grey := 192 + b[1]/4
			to := []byte{grey, grey, grey, 255}
			if far {
				to = []byte{255, 0, 0, 255}
			}
			copy(seen.Pix[i:], to)
		}
	}
	return n
}

func apart(a, b byte) byte { return max(a, b) - min(a, b) }

func plain(m image.Image) *image.RGBA {
	made := image.NewRGBA(m.Bounds())
	draw.Draw(made, m.Bounds(), m, m.Bounds().Min, draw.Src)
	return made
}

func picture(path string) (*image.RGBA, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return plain(m), nil
}

// save keeps a picture in few bytes: with 256 colours, each of which no eye can tell from the one it stands for.
func save(t *testing.T, path string, m *image.RGBA) {
	t.Helper()
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, reduced(m)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil { //nolint:gosec // to be looked at
		t.Fatal(err)
	}
}

func reduced(m *image.RGBA) *image.Paletted {
	count := map[color.RGBA]int{}
	for i := 0; i < len(m.Pix); i += 4 {
		count[at(m, i)]++
	}
	all := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var palette []color.RGBA
	for near := byte(0); palette == nil; near += 2 {
		palette = few(all, near)
	}
	colours := make(color.Palette, len(palette))
	for i, c := range palette {
		colours[i] = c
	}
	nearest := map[color.RGBA]uint8{}
	for _, c := range all {
		nearest[c] = uint8(colours.Index(c)) //nolint:gosec // below 256
	}
	flat := image.NewPaletted(m.Bounds(), colours)
	for i := range flat.Pix {
		flat.Pix[i] = nearest[at(m, 4*i)]
	}
	return flat
}

// few leaves those of all colours that are farther than near from every more frequent one; nil when these are more than 256.
func few(all []color.RGBA, near byte) []color.RGBA {
	const exact = 144 // the most frequent stay, however near: grounds and shadows
	var palette []color.RGBA
	for _, c := range all {
		if slices.ContainsFunc(palette, func(p color.RGBA) bool {
			return len(palette) >= exact && max(apart(p.R, c.R), apart(p.G, c.G), apart(p.B, c.B)) <= near
		}) {
			continue
		}
		if len(palette) == 256 {
			return nil
		}
		palette = append(palette, c)
	}
	return palette
}

func at(m *image.RGBA, i int) color.RGBA { return color.RGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], 255} }
