package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
)

// showBulk answers the menus for tickets chosen on a list; without JavaScript, the page to choose the deed on.
func (s *Server) showBulk(w http.ResponseWriter, r *http.Request) error {
	q := query(r)
	directory, err := desk.ReadDirectory(r.Context(), s.db)
	if err != nil {
		return err
	}
	list, err := s.listing(r.Context(), me(r), href.ListOf(q.Get("list")).First())
	if err != nil {
		return err
	}
	whole, err := s.whole(r, list, ticket.BulkMost+1)
	if err != nil {
		return err
	}
	rd := s.reader(r)
	v := rd.bulkTools(directory, len(whole))
	if fragments(r) {
		return s.show(w, r, http.StatusOK, ticketview.BulkFragment(v))
	}
	v.Pick = ticketview.Pick{Action: href.Bulk, List: q.Get("list"), AsOf: q.Get("as_of"), Next: next(q.Get("next"))}
	for _, id := range numbers(q["ticket"]) {
		v.Tickets = append(v.Tickets, dec(id))
	}
	v.Picked = rd.l.N(text.BulkPicked, len(v.Tickets))
	shell, err := s.frame(r, rd.l.T(text.BulkTitle), "")
	if err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, ticketview.BulkPage(shell, v))
}

// doBulk does one deed to many tickets (PRODUCT L7), batch by batch, and leads back to the list, where the result is told.
func (s *Server) doBulk(w http.ResponseWriter, r *http.Request) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	deed, err := deedOf(f, text.From(r.Context()).Zone())
	if err != nil {
		return err
	}
	ids := numbers(f["ticket"])
	if f.Get("all") != "" {
		list, err := s.meant(r, f.Get("list"))
		if err != nil {
			return err
		}
		if ids, err = s.whole(r, list, ticket.BulkMost); err != nil {
			return err
		}
	}
	if len(ids) == 0 {
		return fault.Invalid{"ticket": fault.Because(text.BulkNothingPicked)}
	}
	slices.Sort(ids) // whoever locks many locks them in one order
	ctx, to := r.Context(), next(f.Get("next"))
	var b ticket.Bulk
	for batch := range slices.Chunk(ids, ticket.BulkBatch) {
		last := batch[len(batch)-1] == ids[len(ids)-1]
		var did ticket.Bulk
		err := s.db.InTx(ctx, func(tx *pg.Tx) (err error) {
			if did, err = b.Do(ctx, tx, me(r), deed, batch); err == nil && last {
				err = did.Tell(ctx, tx, me(r), deed)
			}
			return err
		})
		if err != nil {
			return s.brokeOff(r, deed, b, to, err)
		}
		b = did // only what is committed was done
	}
	http.Redirect(w, r, saidOf(to, "bulk", b.ID), http.StatusSeeOther)
	return nil
}

// whole are the tickets of a list that a deed to all of it is done to: of a search those that fit. What comes close when nothing does may not be what was
// shown, so that is chosen one by one.
func (s *Server) whole(r *http.Request, list listing, most int) ([]int64, error) {
	list.Exact = true
	return ticket.Matching(r.Context(), s.db, me(r), list.Filter, most)
}

// half is why a deed broke off when a part of it was done: told says which, with its undo, and so does the page list.
type half struct {
	error
	told layout.Toast
	list string
}

func (h half) Unwrap() error { return h.error }

// tellTime is how long what was done of a deed may take to be told: nothing else can take it back.
const tellTime = 5 * time.Second

// brokeOff tells what was done of a deed to many before it broke off.
func (s *Server) brokeOff(r *http.Request, deed ticket.Deed, b ticket.Bulk, list string, why error) error {
	if len(b.Tickets) == 0 {
		return why
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), tellTime)
	defer cancel()
	if err := s.db.InTx(ctx, func(tx *pg.Tx) error { return b.Tell(ctx, tx, me(r), deed) }); err != nil {
		return errors.Join(why, err)
	}
	told := s.reader(r).bulkToast(ticket.Done{ID: b.ID, Deed: deed.Name, Target: b.Target, Tally: b.Tally})
	return half{why, told, saidOf(list, "bulk", b.ID)}
}

// undoBulk takes a deed to many tickets back and leads to the list as it stands, or to the page it was asked on.
func (s *Server) undoBulk(w http.ResponseWriter, r *http.Request) error {
	f, err := form(r)
	if err != nil {
		return err
	}
	id, err := number(r, "id")
	if err != nil {
		return err
	}
	ctx, undone := r.Context(), 0
	for n := ticket.BulkBatch; n == ticket.BulkBatch; undone += n {
		err := s.db.InTx(ctx, func(tx *pg.Tx) (err error) {
			n, err = ticket.TakeBack(ctx, tx, me(r), id)
			return err
		})
		if err != nil {
			return err
		}
	}
	if undone == 0 {
		return fault.Invalid{"bulk": fault.Because(text.BulkUndoAgain)}
	}
	http.Redirect(w, r, saidOf(next(cmp.Or(f.Get("next"), cameFrom(r))), "bulk", id), http.StatusSeeOther)
	return nil
}

// cameFrom is the page whose script asks, without what was said on it; nothing where there is no script.
func cameFrom(r *http.Request) string {
	u, err := url.Parse(r.Header.Get("HX-Current-URL"))
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Del("said")
	q.Del("of")
	return (&url.URL{Path: u.Path, RawQuery: q.Encode()}).String()
}

// numbers are the ticket numbers among what was sent in their order, each once and at most as many as a deed takes.
func numbers(said []string) []int64 {
	ids := []int64{}
	for _, s := range said {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 {
			ids = append(ids, n)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), ticket.BulkMost)]
}

// deedOf reads the one deed of a form. "only" names it where a page without JavaScript shows them all.
func deedOf(f url.Values, zone *time.Location) (ticket.Deed, error) {
	only := f.Get("only")
	chosen := func(field string) (int64, bool) {
		if only != "" && only != field {
			return 0, false
		}
		return choiceOf(f, field)
	}
	var d ticket.Deed
	if micros, err := strconv.ParseInt(f.Get("as_of"), 10, 64); err == nil {
		d.AsOf = time.UnixMicro(micros)
	}
	for _, c := range []struct {
		field string
		into  **ticket.Set[int64]
	}{{"status", &d.Change.Status}, {"queue", &d.Change.Queue}, {"priority", &d.Change.Priority}, {"assignee", &d.Change.Assignee}, {"category", &d.Change.Category}} {
		if id, ok := chosen(c.field); ok {
			d.Name = c.field
			*c.into = ticket.To(id)
			return d, nil
		}
	}
	set := func(field, off string) *bool {
		switch {
		case only == field, only == "" && f.Get(field) == "1":
			d.Name = field
		case only == off, only == "" && f.Get(field) == "0":
			d.Name = off
		default:
			return nil
		}
		on := d.Name == field
		return &on
	}
	if d.Observe = set("observe", "unobserve"); d.Observe != nil {
		return d, nil
	}
	if d.Star = set("star", "unstar"); d.Star != nil {
		return d, nil
	}
	switch {
	case only == "delete", only == "" && f.Get("delete") == "1":
		d.Name, d.Delete = "delete", true
		return d, nil
	case only == "until", only == "" && f.Get("until") != "":
		until, err := untilOf(f, zone)
		d.Name, d.Change.Until = "until", ticket.To(until.Unix())
		return d, err
	}
	if only == "" || only == "tags" {
		d.Name, d.Change.AddTags, d.Change.DropTags = "tag", desk.TagNames(f.Get("add_tags")), desk.TagNames(f.Get("drop_tags"))
	}
	if len(d.Change.AddTags)+len(d.Change.DropTags) == 0 {
		return d, fault.Invalid{"deed": fault.Because(text.BulkNothingChosen)}
	}
	return d, nil
}
