package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/alarm"
	"frontdesk/internal/app"
	"frontdesk/internal/clamd"
	"frontdesk/internal/flow"
	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
)

// late is the age of a flow's last pass from which it counts as stuck.
const late = 5 * time.Minute

// report collects what doctor finds, in order.
type report struct {
	lines  strings.Builder
	unwell bool
}

// note adds a finding: err says what is wrong, else detail says how it stands.
func (r *report) note(what, detail string, err error) {
	mark := "ok   "
	if err != nil {
		mark, detail, r.unwell = "WRONG", strings.Join(sentences(err), "; "), true
	}
	fmt.Fprintf(&r.lines, "%s  %-12s %s\n", mark, what, detail)
}

func people(ctx context.Context, d *app.Desk, r *report) {
	there, err := agent.AnyExists(ctx, d.DB)
	if err == nil && !there {
		err = errors.New("nobody can sign in yet: use the set-up page or frontdesk user add")
	}
	r.note("people", "somebody can sign in", err)
}

// flows that have not passed for a while are stuck, unless another process does their work: then theirs was killed.
func flows(ctx context.Context, d *app.Desk, r *report) {
	list, err := flow.StatusOf(ctx, d.DB)
	if err != nil || len(list) == 0 {
		r.note("flows", "no server is running", err)
		return
	}
	fresh := map[string]bool{}
	for _, f := range list {
		fresh[f.Flow] = fresh[f.Flow] || time.Since(f.LastPass) < late
	}
	for _, f := range list {
		detail := fmt.Sprintf("%s in %s: last pass %s ago", f.Flow, f.Process, time.Since(f.LastPass).Round(time.Second))
		var wrong error
		switch {
		case time.Since(f.LastPass) >= late && fresh[f.Flow]:
			continue
		case time.Since(f.LastPass) >= late:
			wrong = errors.New(detail)
		case f.Error != "":
			wrong = fmt.Errorf("%s: %s", detail, f.Error)
		}
		r.note("flow", detail, wrong)
	}
}

// scanner is not missed where none is set, unless files wait for it.
func scanner(ctx context.Context, d *app.Desk, r *report) {
	n, _, err := ticket.CountUnchecked(ctx, d.DB)
	where := d.Config.Clamd
	switch {
	case err != nil:
	case where.Given():
		var version string
		version, err = clamd.Client(where).Version(ctx)
		r.note("clamd", fmt.Sprintf("%s, %d files wait for their check", version, n), err)
		return
	case n > 0:
		err = fmt.Errorf("%d files wait for their check, and FRONTDESK_CLAMD is not set: nobody checks them", n)
	}
	r.note("clamd", "not set: files of mail are not checked for viruses", err)
}

func mailboxes(ctx context.Context, d *app.Desk, r *report) {
	list, err := inbound.Status(ctx, d.DB)
	if err != nil || len(list) == 0 {
		r.note("mailboxes", "none yet", err)
	}
	for _, m := range list {
		var wrong error
		if m.LastError != "" {
			wrong = fmt.Errorf("%s: %s", m.Mailbox, m.LastError)
		}
		r.note("mailbox", fmt.Sprintf("%s: %d received, %d waiting", m.Mailbox, m.Received, m.States.Pending), wrong)
	}
}

// alarms are those of the page Reconcile, of all machines, and of this one as it is now.
func alarms(ctx context.Context, d *app.Desk, r *report) {
	var list []alarm.Alarm
	var now time.Time
	m := d.Machine()
	here, err := m.Look(ctx, d.DB)
	if err == nil {
		err = d.DB.InTx(ctx, func(tx *pg.Tx) (err error) {
			now = tx.Now
			list, err = alarm.Find(ctx, tx, now)
			return err
		})
	}
	list = append(here, m.Others(list)...)
	if err != nil || len(list) == 0 {
		r.note("alarms", "none", err)
		return
	}
	for _, a := range list {
		what, do := a.Words(text.For("en"), now)
		r.note("alarm", "", fmt.Errorf("%s. %s", what, do))
	}
}

// sealed finds what the present key does not open: such a mailbox is neither watched nor sent through.
func sealed(ctx context.Context, d *app.Desk, r *report) {
	seal, err := mailbox.NewSealer(d.Keys.Seal())
	if err != nil {
		r.note("key", "", err)
		return
	}
	list, err := mailbox.All(ctx, d.DB)
	if err == nil {
		_, err = mailbox.RetiredIDKeys(ctx, d.DB, seal)
	}
	r.note("key", d.Keys.ID(), err)
	for _, m := range list {
		if _, err := seal.Open(m.Secret); err != nil {
			r.note("key", "", fmt.Errorf("%s: %w; give it again: frontdesk mailbox set '%s' --password-stdin", m.Name, err, m.Name))
		}
	}
}
