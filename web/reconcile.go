package web

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/alarm"
	"frontdesk/internal/inbound"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/templates/adminview"
	"frontdesk/templates/href"
	"frontdesk/templates/ui"
)

// showReconcile is what is out of order, and the equation of every mailbox (PRODUCT M2; RELIABILITY 2, step 10), in one round trip.
func (s *Server) showReconcile(w http.ResponseWriter, r *http.Request) error {
	rd := s.reader(r)
	along, frame := s.frameAlong(r, false)
	var b pg.Batch
	var alarms []alarm.Alarm
	accounts := inbound.AskAccounts(&b)
	alarm.Ask(&b, &alarms, rd.now)
	along(&b)
	if err := b.Run(r.Context(), s.db); err != nil {
		return err
	}
	f, err := frame()
	if err != nil {
		return err
	}
	shell, err := s.framed(r, f, rd.l.T(text.ViewReconcile), href.Reconcile)
	if err != nil {
		return err
	}
	v := rd.reconcile(alarms, accounts())
	if fragments(r) {
		return s.show(w, r, http.StatusOK, adminview.ReconcileFragment(shell, v))
	}
	return s.show(w, r, http.StatusOK, adminview.ReconcilePage(shell, v))
}

// takeMissed has the poller fetch what another program read first in a mailbox.
func (s *Server) takeMissed(w http.ResponseWriter, r *http.Request) error {
	return s.mailboxDeed(w, r, "missed", inbound.TakeMissed)
}

// acknowledgeNumbers notes that somebody knows of the new numbers of a mailbox.
func (s *Server) acknowledgeNumbers(w http.ResponseWriter, r *http.Request) error {
	return s.mailboxDeed(w, r, "known", inbound.Acknowledge)
}

// mailboxDeed runs one deed and shows the page again.
func (s *Server) mailboxDeed(w http.ResponseWriter, r *http.Request, done string, deed func(context.Context, *pg.Tx, agent.Agent, int64) error) error {
	id, err := number(r, "mailbox")
	if err != nil {
		return err
	}
	if err := s.db.InTx(r.Context(), func(tx *pg.Tx) error { return deed(r.Context(), tx, me(r), id) }); err != nil {
		return err
	}
	http.Redirect(w, r, said(href.Reconcile, done), http.StatusSeeOther)
	return nil
}

func (rd reader) reconcile(alarms []alarm.Alarm, accounts []inbound.Account) adminview.Reconcile {
	v := adminview.Reconcile{Empty: ui.Empty{Title: rd.l.T(text.ReconcileNone), Text: rd.l.T(text.ReconcileNoneText)}}
	if len(alarms) > 0 {
		v.Note = rd.l.N(text.ReconcileNote, len(alarms))
	}
	for _, a := range alarms {
		v.Alarms = append(v.Alarms, rd.alarm(a))
	}
	for _, a := range accounts {
		v.Accounts = append(v.Accounts, rd.account(a))
	}
	return v
}

func (rd reader) alarm(a alarm.Alarm) adminview.Alarm {
	v := adminview.Alarm{Kind: "bad", Since: rd.l.T(text.ReconcileSince, "time", rd.l.Moment(a.Since, rd.now).Short)}
	v.What, v.Do = a.Words(rd.l, rd.now)
	switch a.Kind {
	case alarm.Missed:
		v.Since = rd.l.T(text.ReconcileLooked, "time", rd.l.Moment(a.Since, rd.now).Short)
		v.Action, v.Button = href.QuarantineMissed(a.MailboxID), rd.l.T(text.QuarantineMissedTake)
	case alarm.Quarantine:
		v.Kind, v.Href, v.Button = "warn", href.Quarantine, rd.l.T(text.ReconcileOpenQuarantine)
	case alarm.Unmarked, alarm.Uncopied:
		v.Kind = "warn"
	case alarm.Renumbered:
		v.Kind, v.Action, v.Button = "warn", href.ReconcileKnown(a.MailboxID), rd.l.T(text.ReconcileKnown)
	}
	return v
}

func (rd reader) account(a inbound.Account) adminview.Account {
	v := adminview.Account{Mailbox: a.Mailbox, Taken: rd.l.T(text.ReconcileTaken, "mailbox", a.Mailbox), Sum: rd.sum(a.Standing)}
	switch {
	case a.Lost > 0:
		v.Health = ui.Health{State: "bad", Text: rd.l.N(text.ReconcileLost, int(a.Lost))}
	case a.Doubled > 0:
		v.Health = ui.Health{State: "bad", Text: rd.l.N(text.ReconcileDoubled, int(a.Doubled))}
	case a.Missed > 0:
		v.Health = ui.Health{State: "slow", Text: rd.l.N(text.ReconcileLeft, int(a.Missed))}
	default:
		v.Health = ui.Health{State: "good", Text: rd.l.T(text.ReconcileBalances)}
	}
	last, lag := ui.Fact{Label: rd.l.T(text.ReconcileLast), Value: rd.l.T(text.ReconcileNever)}, rd.l.T(text.ReconcileLagNone)
	if a.LastSuccess != nil {
		last = ui.Fact{Label: last.Label, When: rd.l.Exact(*a.LastSuccess, rd.now)}
	}
	if a.LagSeconds >= 1 {
		lag = rd.l.Duration(time.Duration(a.LagSeconds * float64(time.Second)))
	}
	v.Facts = []ui.Fact{last, {Label: rd.l.T(text.ReconcileLag), Value: lag},
		{Label: rd.l.T(text.ReconcileError), Value: cmp.Or(a.LastError, rd.l.T(text.ReconcileErrorNone))}}
	for _, p := range a.Folders {
		v.Folders = append(v.Folders, rd.folder(a, p))
		v.Facts = append(v.Facts, ui.Fact{Label: rd.l.T(text.ReconcileNumbering),
			Value: rd.l.T(text.ReconcileNumbered, "folder", p.Folder, "number", p.UIDValidity, "time", rd.l.Moment(p.Since, rd.now).Short)})
	}
	return v
}

// folder is the server's side: what lies there = what the ledger has of it + what the next poll takes + what nobody took.
func (rd reader) folder(a inbound.Account, p inbound.Place) adminview.Folder {
	v := adminview.Folder{Name: rd.l.T(text.ReconcileAtServer, "mailbox", a.Mailbox, "folder", p.Folder), Note: rd.l.T(text.ReconcileServerNever, "folder", p.Folder)}
	if p.LookedAt == nil {
		return v
	}
	v.Server = rd.l.Number(p.Server())
	v.Note = rd.l.T(text.ReconcileServerNote, "folder", p.Folder, "days", inbound.NetDays, "time", rd.l.Moment(*p.LookedAt, rd.now).Short)
	v.States = []adminview.SumState{{Name: rd.l.T(text.ReconcileLedger), Count: rd.l.Number(p.Ledger), Kind: "ledger"},
		{Name: rd.l.T(text.ReconcileUnread), Count: rd.l.Number(p.Unread), Kind: "unread"},
		{Name: rd.l.T(text.ReconcileMissed), Count: rd.l.Number(p.Missed), Kind: "missed"}}
	return v
}
