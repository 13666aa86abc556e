package gallery

import (
	"net/http"
	"slices"

	"frontdesk/internal/text"
	"frontdesk/static"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// Show answers a page of the gallery, in the theme and language its address asks for; name "" is the page of components. It tells whether there is
// such a page.
func Show(w http.ResponseWriter, r *http.Request, name string) (bool, error) {
	at := place{root: href.Gallery, theme: r.FormValue("theme"), lang: r.FormValue("lang")}
	if at.lang == "" {
		at.lang = text.From(r.Context()).Lang
	}
	l := text.For(at.lang)
	at.lang = l.Lang
	shown := partsPage(partsShell(at.theme, l), at)
	if name != "" {
		all := Pages()
		i := slices.IndexFunc(all, func(p Page) bool { return p.Name == name })
		if i < 0 {
			return false, nil
		}
		shown = all[i].Show(at.theme, l)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return true, shown.Render(text.With(r.Context(), l), w)
}

func partsShell(theme string, l *text.Local) layout.Shell {
	s := shell(theme, l, "Gallery")
	s.Rail = layout.Folded
	return s
}

const policy = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; object-src 'none'"

// letter is an HTML mail whose lines are as high and as many whatever face the system has.
const letter = `<!doctype html><html><body style="font:15px/22px Georgia,serif;color:#333;margin:0"><p style="margin:0 0 12px">Dzień dobry,</p><p style="color:#a33;margin:0 0 12px">zdjęcia w <b>załączniku</b>.</p><table border="1" cellpadding="6" style="border-collapse:collapse;table-layout:fixed;width:240px"><tr><td>Lampa Halle</td><td>1 249,00 zł</td></tr><tr><td>Kinkiet Ula</td><td>718,00 zł</td></tr></table><p style="margin:12px 0 0">Agnieszka</p></body></html>`

// Stage is the gallery by itself: its pages, and behind the addresses that their scripts ask made-up answers. Nothing is ever changed.
func Stage() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+href.StaticRoot, static.Handler())
	show := func(w http.ResponseWriter, r *http.Request, name string) {
		w.Header().Set("Content-Security-Policy", policy)
		if found, err := Show(w, r, name); err != nil || !found {
			http.NotFound(w, r)
		}
	}
	mux.HandleFunc("GET "+href.Gallery, func(w http.ResponseWriter, r *http.Request) { show(w, r, "") })
	mux.HandleFunc("GET "+href.Gallery+"/{page}", func(w http.ResponseWriter, r *http.Request) { show(w, r, r.PathValue("page")) })
	mux.HandleFunc("GET "+href.TicketList, func(w http.ResponseWriter, r *http.Request) { show(w, r, "list") })
	mux.HandleFunc("GET "+href.TicketList+"/{ticket}", func(w http.ResponseWriter, r *http.Request) { show(w, r, "card") })
	mux.HandleFunc("GET /messages/{id}/body", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(letter)) })
	mux.HandleFunc("GET "+href.Live, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	answer := func(path string, made func(l *text.Local, w http.ResponseWriter, r *http.Request) error) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			l := text.For(r.FormValue("lang"))
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if err := made(l, w, r.WithContext(text.With(r.Context(), l))); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	answer(href.Counters, func(l *text.Local, w http.ResponseWriter, r *http.Request) error {
		return layout.CountersFragment(shell("", l, "")).Render(r.Context(), w)
	})
	answer(href.Palette, func(l *text.Local, w http.ResponseWriter, r *http.Request) error {
		return layout.PaletteFragment(found(l)).Render(r.Context(), w)
	})
	answer(href.FilterPicker, func(l *text.Local, w http.ResponseWriter, r *http.Request) error {
		return ticketview.PickerFragment(ticketview.Filter{Picker: statusPicker(l)}).Render(r.Context(), w)
	})
	answer(href.Bulk, func(l *text.Local, w http.ResponseWriter, r *http.Request) error {
		return ticketview.BulkFragment(tools(l)).Render(r.Context(), w)
	})
	answer(href.Tags, func(_ *text.Local, w http.ResponseWriter, r *http.Request) error {
		return ui.TagOptions(ui.TagOffer{Typed: r.FormValue("q"), Names: []string{"batch-2209", "batch-2214"}, Create: r.FormValue("q") != ""}).Render(r.Context(), w)
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return mux
}

// found is what the palette finds.
func found(l *text.Local) []layout.PaletteGroup {
	return []layout.PaletteGroup{
		{Name: l.T(text.PaletteTickets), Found: []layout.PaletteEntry{
			{Icon: "inbox", Text: "Lamp arrived with a cracked glass shade, second time now", Aside: "#104817 " + l.T(text.NameNew), Href: href.Gallery + "/card"},
			{Icon: "inbox", Text: "Spare bulb for Lampa Nocna, type E14 or G9?", Aside: "#104732 " + l.T(text.NameWaiting), Href: href.Gallery + "/card"},
			{Icon: "inbox", Text: "Halle lamp: which bulb?", Aside: "#103114 " + l.T(text.NameClosed), Href: href.Gallery + "/card"},
		}},
		{Name: l.T(text.PaletteCustomers), Found: []layout.PaletteEntry{{Icon: "user", Text: "Klara Lamprecht", Aside: "k.lamprecht@post.example", Href: href.Gallery + "/list"}}},
		{Name: l.T(text.PaletteElsewhere), Found: []layout.PaletteEntry{{Icon: "search", Text: l.T(text.PaletteAllText, "words", "lamp"), Href: href.Gallery + "/list"}}},
	}
}

// statusPicker chooses among statuses; one stands below another.
func statusPicker(l *text.Local) *ticketview.Picker {
	p := &ticketview.Picker{Title: l.T(text.ListStatus), Close: href.Gallery + "/list", View: "queues", Field: "status", At: "0", Kind: "values", Verbs: [2]string{l.T(text.FilterVerbIs), l.T(text.FilterVerbNot)}}
	for i, s := range statuses(l) {
		p.Values = append(p.Values, ui.Option{Value: s.Kind, Name: s.Name, Status: s, Chosen: i < 2})
		if s.Kind == "waiting" {
			p.Values = append(p.Values, ui.Option{Value: "Waits for parts", Name: "Waits for parts", Status: s, Depth: "1"})
		}
	}
	return p
}

// tools are the menus of the selection.
func tools(l *text.Local) ticketview.BulkTools {
	return ticketview.BulkTools{Assignee: peopleChoice(l), Status: statusChoice(l), Queue: queueChoice(l), Priority: priorityChoice(l), Category: queueChoice(l),
		Add: ui.Tags{Field: "add_tags", Label: l.T(text.TagAdd)}, Drop: ui.Tags{Field: "drop_tags", Label: l.T(text.TagAdd)},
		Postpone: postpone(l), Delete: true, Whole: l.N(text.BulkWhole, 87), Count: 87, Pick: pick, Picked: l.N(text.BulkPicked, 3)}
}
