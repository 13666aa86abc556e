package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"frontdesk/internal/agent"
	"frontdesk/internal/blob"
	"frontdesk/internal/inbound"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/templates/adminview"
	"frontdesk/templates/href"
	"frontdesk/templates/ui"
)

// quarantinePage is how many mails the page lists.
const quarantinePage = 100

// showQuarantine lists the mails that wait for a decision, with one of them open, and the sum of every mailbox (PRODUCT M2, M3).
func (s *Server) showQuarantine(w http.ResponseWriter, r *http.Request) error {
	list, err := inbound.List(r.Context(), s.db, quarantinePage)
	if err != nil {
		return err
	}
	sums, err := inbound.Status(r.Context(), s.db)
	if err != nil {
		return err
	}
	rd := s.reader(r)
	open, head, err := s.openEntry(r, list)
	if errors.Is(err, inbound.ErrDecided) {
		http.Redirect(w, r, said(href.Quarantine, "dealt-with"), http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	shell, all, err := s.counted(r, rd.l.T(text.ViewQuarantine), href.Quarantine)
	if err != nil {
		return err
	}
	v := rd.quarantine(list, open, head, sums)
	if len(list) > 0 {
		v.Note = rd.howMany(text.QuarantineNote, len(list), all.Quarantined)
	}
	return s.show(w, r, http.StatusOK, adminview.QuarantinePage(shell, v))
}

// openEntry is the mail of the path, else the first of the list, with the first lines of its source.
func (s *Server) openEntry(r *http.Request, list []inbound.Entry) (*inbound.Entry, string, error) {
	if chi.URLParam(r, "id") == "" {
		if len(list) == 0 {
			return nil, "", nil
		}
		return s.entry(r, list[0].ID)
	}
	id, err := number(r, "id")
	if err != nil {
		return nil, "", err
	}
	return s.entry(r, id)
}

func (s *Server) entry(r *http.Request, id int64) (*inbound.Entry, string, error) {
	e, err := inbound.EntryOf(r.Context(), s.db, id)
	if err != nil {
		return nil, "", err
	}
	blobID, err := inbound.RawOf(r.Context(), s.db, id)
	if err != nil {
		return nil, "", err
	}
	src, err := blob.Open(r.Context(), s.db, blobID)
	if err != nil {
		return nil, "", err
	}
	head, err := io.ReadAll(io.LimitReader(src, 4<<10))
	return &e, strings.ToValidUTF8(strings.ReplaceAll(string(head), "\x00", ""), "\uFFFD"), err
}

func (rd reader) quarantine(list []inbound.Entry, open *inbound.Entry, head string, sums []inbound.Standing) adminview.Quarantine {
	v := adminview.Quarantine{MayAct: rd.me.Can(agent.QuarantineManage), Empty: ui.Empty{Icon: "check-check", Title: rd.l.T(text.QuarantineEmpty), Text: rd.l.T(text.QuarantineEmptyText)}}
	if len(list) > 0 {
		v.RetryAll = href.QuarantineAll
	}
	for _, e := range list {
		v.Items = append(v.Items, adminview.QuarantineItem{Href: href.QuarantineRow(e.ID), Reason: rd.reason(e.Reason), Subject: cmp.Or(e.SeemsSubject, rd.l.T(text.QuarantineNoSubject)),
			From: cmp.Or(e.SeemsFrom, rd.l.T(text.QuarantineNoSender)), When: rd.l.Moment(e.InternalDate, rd.now), Current: open != nil && open.ID == e.ID})
	}
	if open != nil {
		v.Open = rd.quarantined(*open, head)
	}
	for _, s := range sums {
		v.Sums = append(v.Sums, rd.sum(s))
	}
	return v
}

// reason says in words why a mail is held; the list of reasons is closed (package inbound).
func (rd reader) reason(word string) string { return rd.l.T(text.Key("quarantine.reason_" + word)) }

func (rd reader) quarantined(e inbound.Entry, head string) *adminview.QuarantineOpen {
	return &adminview.QuarantineOpen{Subject: cmp.Or(e.SeemsSubject, rd.l.T(text.QuarantineNoSubject)), Reason: rd.reason(e.Reason),
		Detail: strings.TrimSpace(rd.l.N(text.QuarantineTried, e.Attempts) + ". " + rd.l.T(text.QuarantineOthers) + " " + e.Error),
		Facts: []ui.Fact{{Label: rd.l.T(text.QuarantineFrom), Value: cmp.Or(e.SeemsFrom, rd.l.T(text.QuarantineNoSender))}, {Label: rd.l.T(text.QuarantineMailbox), Value: e.Mailbox},
			{Label: rd.l.T(text.QuarantineFetched), When: rd.l.Exact(e.InternalDate, rd.now)}, {Label: rd.l.T(text.QuarantineSize), Value: rd.l.T(text.QuarantineWhole, "size", rd.l.Size(e.Size))}},
		Plain: href.QuarantinePlain(e.ID), Retry: href.QuarantineRetry(e.ID), Source: href.QuarantineSource(e.ID), Discard: href.QuarantineDiscard(e.ID), Head: head}
}

// sum is the equation of one mailbox: received = all states together.
func (rd reader) sum(s inbound.Standing) adminview.Sum {
	v := adminview.Sum{Mailbox: s.Mailbox, Received: rd.l.Number(s.Received), Error: s.LastError, AlsoRead: s.AlsoRead}
	if s.Missed > 0 {
		v.Missed = rd.l.N(text.QuarantineMissed, int(s.Missed))
		if !s.TakesMissed {
			v.Take = href.QuarantineMissed(s.MailboxID)
		}
	}
	if s.LagSeconds >= 1 {
		v.Lag = rd.l.T(text.QuarantineLag, "by", rd.l.Duration(time.Duration(s.LagSeconds*float64(time.Second))))
	}
	if s.LastSuccess != nil {
		v.Last = rd.l.Exact(*s.LastSuccess, rd.now).Short
	}
	for _, x := range []struct {
		kind string
		n    int64
	}{{"pending", s.States.Pending}, {"ticket", s.States.Ticket}, {"reply", s.States.Reply}, {"bounce", s.States.Bounce}, {"ignored", s.States.Ignored},
		{"duplicate", s.States.Duplicate}, {"quarantined", s.States.Quarantined}, {"removed", s.States.Removed}} {
		v.States = append(v.States, adminview.SumState{Name: rd.l.T(text.Key("quarantine.state_" + x.kind)), Count: rd.l.Number(x.n), Kind: x.kind})
	}
	return v
}

// downloadQuarantined hands out a held mail as it came.
func (s *Server) downloadQuarantined(w http.ResponseWriter, r *http.Request) error {
	id, err := number(r, "id")
	if err != nil {
		return err
	}
	if _, err := inbound.EntryOf(r.Context(), s.db, id); err != nil {
		return err
	}
	blobID, err := inbound.RawOf(r.Context(), s.db, id)
	if err != nil {
		return err
	}
	return s.download(w, r, blobID, "mail-"+dec(id)+".eml")
}

func (s *Server) retryQuarantined(w http.ResponseWriter, r *http.Request) error {
	return s.quarantineDeed(w, r, inbound.Retry, "retried")
}

func (s *Server) takeQuarantinedPlain(w http.ResponseWriter, r *http.Request) error {
	return s.quarantineDeed(w, r, inbound.TakePlain, "taken")
}

func (s *Server) discardQuarantined(w http.ResponseWriter, r *http.Request) error {
	return s.quarantineDeed(w, r, inbound.Discard, "discarded")
}

func (s *Server) quarantineDeed(w http.ResponseWriter, r *http.Request, deed func(context.Context, *pg.Tx, agent.Agent, int64) error, done string) error {
	id, err := number(r, "id")
	if err != nil {
		return err
	}
	err = s.db.InTx(r.Context(), func(tx *pg.Tx) error { return deed(r.Context(), tx, me(r), id) })
	switch {
	case errors.Is(err, inbound.ErrDecided):
		done = "dealt-with"
	case err != nil:
		return err
	}
	http.Redirect(w, r, said(href.Quarantine, done), http.StatusSeeOther)
	return nil
}

// retryQuarantine tries every held mail again: after an upgrade.
func (s *Server) retryQuarantine(w http.ResponseWriter, r *http.Request) error {
	err := s.db.InTx(r.Context(), func(tx *pg.Tx) error { _, err := inbound.RetryAll(r.Context(), tx, me(r)); return err })
	if err != nil {
		return err
	}
	http.Redirect(w, r, said(href.Quarantine, "retried-all"), http.StatusSeeOther)
	return nil
}
