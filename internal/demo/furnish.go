package demo

import (
	"context"
	"errors"

	"frontdesk/internal/agent"
	"frontdesk/internal/app"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

type person struct{ email, name, profile, password, language, zone string }

// The people who work at Linden & Wald.
var (
	emma  = person{"emma@lindenwald.example", "Emma Clarke", "manager", "walnut-and-oak-26", "en", "Europe/Warsaw"}
	beata = person{"beata@lindenwald.example", "Beata Lis", "admin", "lamp-in-the-hall-7", "pl", "Europe/Warsaw"}
	jonas = person{"jonas@lindenwald.example", "Jonas Brandt", "agent", "chair-by-window-42", "de", "Europe/Berlin"}
	piotr = person{"piotr@lindenwald.example", "Piotr Maj", "agent", "table-for-twelve-3", "pl", "Europe/Warsaw"}
)

// furnish puts people and the mailbox in place the first time, and points the mailbox at this run's world every time.
func furnish(ctx context.Context, d *app.Desk, w *world) error {
	sealer, err := mailbox.NewSealer(d.Keys.Seal())
	if err != nil {
		return err
	}
	return d.DB.InTx(ctx, func(tx *pg.Tx) error {
		box, err := mailbox.ByName(ctx, tx, "Support")
		if errors.Is(err, fault.NotFound) {
			return firstTime(ctx, tx, w, sealer)
		}
		if err != nil {
			return err
		}
		in, out := w.servers()
		box.IMAPHost, box.IMAPPort, box.SMTPHost, box.SMTPPort, box.CAPEM = in.Host, in.Port, out.Host, out.Port, w.caPEM
		return mailbox.Change(ctx, tx, agent.Agent{}, box, "", sealer)
	})
}

func firstTime(ctx context.Context, tx *pg.Tx, w *world, sealer *mailbox.Sealer) error {
	queue, err := desk.QueueByName(ctx, tx, "inbox")
	if err != nil {
		return err
	}
	for _, p := range []person{beata, emma, jonas, piotr} {
		id, err := agent.Add(ctx, tx, agent.New{Email: p.email, Name: p.name, Profile: p.profile, Password: p.password, Language: p.language, TimeZone: p.zone})
		if err != nil {
			return err
		}
		if err := agent.GiveQueue(ctx, tx, 0, id, queue, 1); err != nil {
			return err
		}
	}
	in, out := w.servers()
	box, err := mailbox.Add(ctx, tx, mailbox.Mailbox{Name: "Support", Address: supportAddress, SenderName: "Linden & Wald", IMAPHost: in.Host, IMAPPort: in.Port, IMAPTLS: in.TLS,
		IMAPUser: in.User, Folders: []string{"INBOX"}, SMTPHost: out.Host, SMTPPort: out.Port, SMTPTLS: out.TLS, SMTPUser: out.User, CAPEM: w.caPEM, TrustPrivate: true,
		PollSeconds: 5, Take: mailbox.TakeAll, SentMode: mailbox.SentAppend, SentFolder: "Sent", QueueID: queue, Active: true}, supportPassword, sealer)
	if err != nil {
		return err
	}
	if err := desk.SendVia(ctx, tx, queue, box); err != nil {
		return err
	}
	if err := sort(ctx, tx); err != nil {
		return err
	}
	return desk.SetParam(ctx, tx, "desk_name", "Linden & Wald")
}
