package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/filter"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
)

// reader is who asks for the page.
func (s *Server) reader(r *http.Request) reader {
	return reader{me: me(r), l: text.From(r.Context()), now: s.now(), narrow: narrow(r)}
}

// frame reads what stands around every page and prints it; here says which page it is, as its path in the rail.
func (s *Server) frame(r *http.Request, title, here string) (layout.Shell, error) {
	shell, _, err := s.counted(r, title, here)
	return shell, err
}

// counted is frame for a page that needs its numbers too.
func (s *Server) counted(r *http.Request, title, here string) (layout.Shell, ticket.Counters, error) {
	f, err := ticket.ReadFrame(r.Context(), s.db, me(r), false)
	if err != nil {
		return layout.Shell{}, f.Counters, err
	}
	shell, err := s.framed(r, f, title, here)
	return shell, f.Counters, err
}

// framed prints what stands around a page.
func (s *Server) framed(r *http.Request, f ticket.Frame, title, here string) (shell layout.Shell, err error) {
	shell = s.reader(r).shell(f, title, here)
	shell.Insecure, shell.Narrow = s.insecure(), narrow(r)
	shell.Exports = me(r).Can(agent.TicketExport)
	shell.Me.Here = r.URL.RequestURI()
	shell.Toast, err = s.toasts(r)
	return shell, err
}

// frameAlong reads the frame in the batch of a page that has questions of its own: ask goes with them, frame comes once they are answered. folded
// says that the page's rail is.
func (s *Server) frameAlong(r *http.Request, folded bool) (ask func(*pg.Batch), frame func() (ticket.Frame, error)) {
	var answer func(context.Context) (ticket.Frame, error)
	return func(b *pg.Batch) { answer = ticket.AskFrame(b, s.db, me(r), folded) },
		func() (ticket.Frame, error) { return answer(r.Context()) }
}

// toasts are what the address asks to be said: by a name of saying, and of which ticket or deed.
func (s *Server) toasts(r *http.Request) ([]layout.Toast, error) {
	q := query(r)
	rd := s.reader(r)
	id, _ := strconv.ParseInt(q.Get("of"), 10, 64)
	switch what := q.Get("said"); what {
	case "":
		return nil, nil
	case "bulk", "postponed":
		done, err := ticket.ReadBulk(r.Context(), s.db, rd.me, id, rd.now)
		if errors.Is(err, fault.NotFound) {
			return nil, nil // of yesterday, or of somebody else
		}
		toast := rd.bulkToast(done)
		if what == "postponed" && done.Undone == nil {
			toast.Text = rd.l.T(text.PostponeDone)
		}
		return []layout.Toast{toast}, err
	case "deleted":
		letters, err := ticket.LettersOf(r.Context(), s.db, rd.me, id, event.Deleted)
		return []layout.Toast{{Text: rd.tally(rd.l.T(text.PostponeDeleted, "number", tagged(id)), letters), Undo: href.Restoration(id)}}, err
	case "taken-back":
		who, err := ticket.WhoTookBack(r.Context(), s.db, rd.me, id)
		told := rd.l.T(text.LetterTakenBack)
		if who != "" {
			told = rd.l.T(text.LetterTakenBackBy, "name", who)
		}
		return []layout.Toast{{Kind: "bad", Text: told}}, err
	case "restored":
		letters, err := ticket.LettersOf(r.Context(), s.db, rd.me, id, event.Restored)
		return []layout.Toast{{Text: rd.tally(rd.l.T(text.PostponeRestored, "number", tagged(id)), letters)}}, err
	default:
		if said, ok := saying[what]; ok {
			return []layout.Toast{{Kind: said.kind, Text: rd.l.T(said.text)}}, nil
		}
		return nil, nil
	}
}

// saidOf is said of one ticket or deed.
func saidOf(path, what string, id int64) string { return said(path, what+"&of="+dec(id)) }

// saying are the toasts a redirect may ask for by name: what a deed that has no page of its own has to say.
var saying = map[string]struct {
	kind string
	text text.Key
}{
	"cancelled":      {"", text.LetterCancelledToast},
	"cancelled-away": {"", text.LetterCancelledAway},
	"too-late":       {"bad", text.LetterTooLate},
	"under-way":      {"bad", text.LetterUnderWay},
	"not-delivered":  {"bad", text.LetterNotDelivered},
	"in-doubt":       {"bad", text.LetterInDoubt},
	"dealt-with":     {"bad", text.LetterDealtWith},
	"retry":          {"", text.LetterRetryToast},
	"settled":        {"", text.LetterSettledToast},
	"commented":      {"", text.ComposeCommented},
	"taken-next":     {"", text.NextTaken},

	"list-end":   {"", text.CardListEnd},
	"list-start": {"", text.CardListStart},

	"view-saved":   {"", text.FilterViewSaved},
	"view-removed": {"", text.FilterViewRemoved},

	"retried":     {"", text.QuarantineRetried},
	"retried-all": {"", text.QuarantineRetriedAll},
	"taken":       {"", text.QuarantineTaken},
	"discarded":   {"", text.QuarantineDiscarded},
	"missed":      {"", text.QuarantineMissedAsked},
	"known":       {"", text.ReconcileKnownDone},
}

// said adds a saying to a path of ours, before its fragment.
func said(path, what string) string {
	path, fragment, cut := strings.Cut(path, "#")
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	path += mark + "said=" + what
	if cut {
		path += "#" + fragment
	}
	return path
}

func (rd reader) shell(f ticket.Frame, title, here string) layout.Shell {
	c := f.Counters
	s := layout.Shell{Title: title, Desk: f.Desk, Fresh: c.MineUnread + c.FreeUnread,
		Me: layout.Me{Name: rd.me.Name, Email: rd.me.Email, Avatar: agentAvatar(rd.me.ID, rd.me.Name), Language: rd.me.Language, Theme: rd.me.Theme, Density: rd.me.Density, Keys: rd.me.SingleKeys},
		Views: []layout.Link{
			{Icon: "circle-dot", Name: rd.l.T(text.ViewTodo), Href: href.Tickets(string(ticket.Todo)), Key: "t", Count: rd.badge(c.Views[ticket.Todo]), New: c.MineUnread+c.FreeUnread > 0},
			{Icon: "user", Name: rd.l.T(text.ViewMine), Href: href.Tickets(string(ticket.Mine)), Key: "m", Count: rd.badge(c.Views[ticket.Mine]), New: c.MineUnread > 0},
			{Icon: "user-x", Name: rd.l.T(text.ViewUnassigned), Href: href.Tickets(string(ticket.Unassigned)), Key: "u", Count: rd.badge(c.Views[ticket.Unassigned]), New: c.FreeUnread > 0},
			{Icon: "inbox", Name: rd.l.T(text.ViewQueues), Href: href.Tickets(string(ticket.MyQueues)), Key: "q", Count: rd.badge(c.Views[ticket.MyQueues])},
			{Icon: "layers", Name: rd.l.T(text.ViewAll), Href: href.Tickets(string(ticket.All)), Key: "a", Count: rd.badge(c.Views[ticket.All])},
			{Icon: "eye", Name: rd.l.T(text.ViewObserved), Href: href.Tickets(string(ticket.Observed)), Key: "o", Count: rd.badge(c.Views[ticket.Observed])},
			{Icon: "star", Name: rd.l.T(text.ViewStarred), Href: href.Tickets(string(ticket.Starred)), Key: "s", Count: rd.badge(c.Views[ticket.Starred])},
			{Icon: "moon", Name: rd.l.T(text.ViewPostponed), Href: href.Tickets(string(ticket.Postponed)), Key: "p", Count: rd.badge(c.Views[ticket.Postponed])},
			{Icon: "mail-warning", Name: rd.l.T(text.ViewUndelivered), Href: href.Undelivered, Key: "d", Count: rd.badge(c.Undelivered), Late: c.Undelivered > 0},
			{Icon: "check-check", Name: rd.l.T(text.ViewClosed), Href: href.Tickets(string(ticket.Closed)), Key: "c", Count: rd.badge(c.Views[ticket.Closed])}}}
	for _, v := range c.Saved {
		link := layout.Link{Icon: "list-filter", Letters: letters(v.Name), Name: v.Name, Href: href.Tickets("s" + dec(v.ID)), Count: rd.badge(max(v.N, 0))}
		if v.Shared {
			link.Title = rd.l.T(text.ViewSharedBy, "name", v.Name)
		}
		s.Saved = append(s.Saved, link)
	}
	for _, q := range c.Queues {
		if q.Active {
			s.Queues = append(s.Queues, layout.Link{Icon: "hash", Letters: letters(rd.word(q.Name)), Name: rd.word(q.Name), Href: rd.queueList(q.Name), Count: rd.badge(q.Open)})
		}
	}
	if rd.me.Can(agent.QuarantineManage) {
		s.Desks = append(s.Desks, layout.Link{Icon: "shield-alert", Name: rd.l.T(text.ViewQuarantine), Href: href.Quarantine, Count: rd.badge(c.Quarantined), Late: c.Quarantined > 0},
			layout.Link{Icon: "scale", Name: rd.l.T(text.ViewReconcile), Href: href.Reconcile, Count: rd.badge(c.Alarms), Late: c.Alarms > 0})
	}
	for _, links := range [][]layout.Link{s.Views, s.Saved, s.Queues, s.Desks} {
		for i := range links {
			links[i].Current = links[i].Href == here
		}
	}
	for _, u := range f.Undos {
		s.Undo = append(s.Undo, rd.undo(u))
	}
	return s
}

// queueList is the list of what waits in one queue; a shipped name stands there as its key, which is the same in every language.
func (rd reader) queueList(name string) string {
	q := filter.Query{}.With(filter.Term{Field: filter.Queue, Values: []string{strings.TrimPrefix(name, ":")}})
	return href.List{View: string(ticket.MyQueues), Query: q.String()}.Href()
}

// badge is a counter, nothing at zero.
func (rd reader) badge(n int) string {
	if n == 0 {
		return ""
	}
	return rd.capped(n)
}

func (rd reader) undo(u ticket.Undo) layout.Undo {
	return layout.Undo{ID: dec(u.ID), Title: rd.l.T(text.LetterLeaves, "time", rd.l.Exact(u.SendAfter, rd.now).Short), Text: rd.l.T(text.LetterReplyTo, "name", u.Customer),
		Cancel: href.Cancel(u.ID), Seconds: seconds(u.SendAfter.Sub(u.CreatedAt)), Left: max(0, seconds(u.SendAfter.Sub(rd.now)))}
}

func seconds(d time.Duration) int { return int((d + time.Second/2) / time.Second) }
