package web

import (
	"net/http"
	"slices"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/templates/ui"
)

// offered is how many tags a picker shows at once.
const offered = 12

// offerTags answers the lines of a tag picker for what has been typed: ?q= what was typed, ?has= what is chosen already.
func (s *Server) offerTags(w http.ResponseWriter, r *http.Request) error {
	q := query(r)
	o := ui.TagOffer{}
	if typed := desk.TagNames(q.Get("q")); len(typed) > 0 {
		o.Typed = typed[0]
	}
	has := desk.TagNames(q.Get("has"))
	found, err := desk.SuggestTags(r.Context(), s.db, o.Typed, offered+len(has))
	if err != nil {
		return err
	}
	known := false
	for _, t := range found {
		known = known || strings.EqualFold(t.Name, o.Typed)
		if !slices.ContainsFunc(has, func(n string) bool { return strings.EqualFold(n, t.Name) }) && len(o.Names) < offered {
			o.Names = append(o.Names, t.Name)
		}
	}
	o.Create = o.Typed != "" && !known && !desk.Nameless(o.Typed) && me(r).Can(agent.TagCreate)
	return s.show(w, r, http.StatusOK, ui.TagOptions(o))
}
