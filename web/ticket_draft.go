package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
)

// draftFields are what a draft keeps of its form.
var draftFields = []string{"text", "to", "cc", "answer", "status", "queue", "assignee", "category", "priority", "tags", "delay", "send_at", "unless_customer_writes"}

// saveDraft keeps what is typed, at most once a second, without an event. A form that says which version of the draft it knows overwrites no other: 409.
func (s *Server) saveDraft(w http.ResponseWriter, r *http.Request) error {
	id, f, err := ticketForm(r)
	if err != nil {
		return err
	}
	kind, err := param(r, "kind")
	if err != nil {
		return err
	}
	kept := map[string]string{}
	for _, name := range draftFields {
		if f.Has(name) {
			kept[name] = f.Get(name)
		}
	}
	p := ticket.Typed{Fields: kept, FormKey: f.Get("form_key")}
	if f.Has("draft_version") {
		knows := whole(f, "draft_version")
		p.Version = &knows
	}
	var version int
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) (err error) {
		version, err = ticket.SaveDraft(r.Context(), tx, me(r), id, kind, p)
		return err
	})
	var clash *fault.Conflict
	written := errors.As(err, &clash) && clash.Written // nobody's fault: a letter overtakes its draft, or its answer was lost
	if err != nil && !written {
		return err
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		return json.NewEncoder(w).Encode(map[string]any{"saved": text.From(r.Context()).Clock(s.now()), "version": version, "written": written})
	}
	http.Redirect(w, r, href.Compose(id, kind), http.StatusSeeOther)
	return nil
}

// draftOf is what is kept of a form that comes back: it knows the version that it said, else the one that is there now.
func draftOf(stored ticketview.Draft, f url.Values) ticketview.Draft {
	stored.Version = cmp.Or(f.Get("draft_version"), stored.Version)
	return stored
}

// dropDraft throws the agent's draft away.
func (s *Server) dropDraft(w http.ResponseWriter, r *http.Request) error {
	id, _, err := ticketForm(r)
	if err != nil {
		return err
	}
	kind, err := param(r, "kind")
	if err != nil {
		return err
	}
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) error { return ticket.DropDraft(r.Context(), tx, me(r), id, kind) })
	if err != nil {
		return err
	}
	http.Redirect(w, r, href.Ticket(id), http.StatusSeeOther)
	return nil
}
