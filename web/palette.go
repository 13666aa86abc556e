package web

import (
	"cmp"
	"net/http"
	"strings"

	"frontdesk/internal/customer"
	"frontdesk/internal/filter"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
)

// The palette shows this many of each.
const paletteMost = 6

// findForPalette answers the tickets and customers that fit what is typed into the palette: all that may be seen, the best first. "#" asks for a
// number, "@" for people.
func (s *Server) findForPalette(w http.ResponseWriter, r *http.Request) error {
	rd, words := s.reader(r), strings.TrimSpace(query(r).Get("q"))
	people := strings.HasPrefix(words, "@")
	var groups []layout.PaletteGroup
	if !people {
		q, _ := filter.Parse(words)
		if q.Empty() {
			q, _ = filter.Parse(strings.ReplaceAll(words, ":", ": ")) // "AW:Rechnung" names no filter; what it says may be sought
		}
		if q.Empty() {
			return s.show(w, r, http.StatusOK, layout.PaletteFragment(nil))
		}
		page, err := ticket.List(r.Context(), s.db, rd.me, ticket.Filter{View: ticket.All, Query: q, Most: paletteMost, Now: rd.now})
		if err != nil {
			return err
		}
		groups = append(groups, rd.paletteTickets(page.Lines))
	}
	if words = strings.TrimPrefix(words, "@"); !strings.HasPrefix(words, "#") {
		found, err := customer.Named(r.Context(), s.db, words, paletteMost)
		if err != nil {
			return err
		}
		groups = append(groups, rd.paletteCustomers(found))
	}
	if !people {
		groups = append(groups, layout.PaletteGroup{Name: rd.l.T(text.PaletteElsewhere), Found: []layout.PaletteEntry{
			{Icon: "search", Text: rd.l.T(text.PaletteAllText, "words", words), Href: href.TicketSearch(words)}}})
	}
	return s.show(w, r, http.StatusOK, layout.PaletteFragment(withResults(groups)))
}

func (rd reader) paletteTickets(lines []ticket.Line) layout.PaletteGroup {
	g := layout.PaletteGroup{Name: rd.l.T(text.PaletteTickets)}
	for _, l := range lines {
		g.Found = append(g.Found, layout.PaletteEntry{Icon: "inbox", Text: cmp.Or(l.Subject, rd.l.T(text.ViewNoSubject)), Href: href.Ticket(l.ID),
			Aside: tagged(l.ID) + " " + rd.status(l.Kind, l.Status, l.Parent).Name})
	}
	return g
}

// paletteCustomers lead to the tickets of that very customer, whoever else is called so.
func (rd reader) paletteCustomers(found []customer.Found) layout.PaletteGroup {
	g := layout.PaletteGroup{Name: rd.l.T(text.PaletteCustomers)}
	for _, c := range found {
		field := filter.Customer
		if c.Kind == "company" {
			field = filter.Company
		}
		q := filter.Query{Terms: []filter.Term{{Field: field, Values: []string{"#" + dec(c.ID)}}}}
		g.Found = append(g.Found, layout.PaletteEntry{Icon: "user", Text: c.Name, Aside: cmp.Or(c.Address, c.Company), Href: href.TicketSearch(q.String())})
	}
	return g
}

// withResults leaves out groups without an entry.
func withResults(groups []layout.PaletteGroup) []layout.PaletteGroup {
	var out []layout.PaletteGroup
	for _, g := range groups {
		if len(g.Found) > 0 {
			out = append(out, g)
		}
	}
	return out
}
