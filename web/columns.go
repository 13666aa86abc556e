package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
)

// showColumns shows the columns to choose.
func (s *Server) showColumns(w http.ResponseWriter, r *http.Request) error {
	by := me(r)
	list := href.ListOf(query(r).Get("list")).String()
	v := columnsView(text.From(r.Context()), columnOrder(by.Columns), by.Columns, by.Density)
	v.List = list
	return s.columnsPage(w, r, http.StatusOK, v)
}

func (s *Server) columnsPage(w http.ResponseWriter, r *http.Request, code int, v ticketview.Columns) error {
	v.Back = href.ListOf(v.List).Href()
	if fragments(r) {
		return s.show(w, r, code, ticketview.ColumnsFragment(v))
	}
	shell, err := s.frame(r, text.From(r.Context()).T(text.ColumnsTitle), v.Back)
	if err != nil {
		return err
	}
	return s.show(w, r, code, ticketview.ColumnsPage(shell, v))
}

// chooseColumns keeps the columns as they were sent: order is all of them, show the chosen ones. A button that moves a column keeps what is chosen
// so far and comes back to the form.
func (s *Server) chooseColumns(w http.ResponseWriter, r *http.Request) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	order := f["order"]
	moved := f.Has("up") || f.Has("down")
	if moved {
		order = movedBy(movedBy(order, f.Get("up"), -1), f.Get("down"), 1)
	}
	shown := slices.DeleteFunc(slices.Clone(order), func(c string) bool { return c != agent.Subject && !slices.Contains(f["show"], c) })
	if f.Has("usual") {
		shown = []string{}
	}
	list := href.ListOf(f.Get("list"))
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) error {
		return agent.ChangeSettings(r.Context(), tx, me(r), agent.Settings{Columns: &shown, Density: sent(f, "density")})
	})
	var bad fault.Invalid
	if errors.As(err, &bad) {
		v := columnsView(text.From(r.Context()), columnOrder(order), f["show"], f.Get("density"))
		v.List, v.Error = list.String(), sentences(text.From(r.Context()), bad)
		return s.columnsPage(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	to := list.Href()
	if moved {
		to = href.ColumnsOf(list.String()) + "#column-" + url.PathEscape(f.Get("up")+f.Get("down"))
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// columnOrder is every column there is: these first, the others behind them in their usual order.
func columnOrder(first []string) []string {
	all := slices.DeleteFunc(slices.Clone(first), func(c string) bool { return !slices.Contains(agent.Columns, c) })
	for _, c := range agent.Columns {
		if !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

// movedBy moves a column by so many places, as far as there are.
func movedBy(all []string, c string, by int) []string {
	i := slices.Index(all, c)
	if j := i + by; i >= 0 && j >= 0 && j < len(all) {
		all = slices.Clone(all)
		all[i], all[j] = all[j], all[i]
	}
	return all
}

func columnsView(words *text.Local, order, shown []string, density string) ticketview.Columns {
	v := ticketview.Columns{Density: density}
	for _, c := range order {
		v.All = append(v.All, ticketview.ColumnChoice{Name: c, Label: words.T(columns[c].name), Shown: slices.Contains(shown, c), Always: c == agent.Subject})
	}
	return v
}
