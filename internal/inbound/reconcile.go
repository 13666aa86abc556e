package inbound

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Account is all that is known about the mails of a mailbox: at the server, in the ledger, and in the tickets that came of them.
type Account struct {
	Standing
	Lost    int64 // mails that the ledger says are in a ticket, and no ticket has: a defect of ours, as is the next
	Doubled int64 // messages in tickets beyond the one of each such mail
	Folders []Place
}

// Place is a folder of a mailbox. What stood at the server is of the last look of the safety net, and not older than NetDays then.
type Place struct {
	MailboxID   int64
	Folder      string
	UIDValidity int64      `db:"uidvalidity"`
	Since       time.Time  // when the server gave that, or when we first connected
	LookedAt    *time.Time // nil: the net was not drawn yet
	Ledger      int64      // mails at the server that were in the ledger
	Unread      int64      // that waited for the next poll
	Missed      int64      // that another program read first
}

// Server is how many mails of ours lay there.
func (p Place) Server() int64 { return p.Ledger + p.Unread + p.Missed }

// AskAccounts asks for the accounts of all mailboxes, by name. Ledger and tickets are compared mail by mail only when there are not as many of one as
// of the other, for that takes seconds on a desk of a million: one lost and one doubled at a time would go unnoticed.
func AskAccounts(b *pg.Batch) (answer func() []Account) {
	var list []standing
	var apart []struct{ MailboxID, Lost, Doubled int64 }
	var folders []Place
	pg.Ask(b, &list, standings)
	pg.Ask(b, &apart, `
		SELECT i.mailbox_id, count(*) FILTER (WHERE due AND n IS NULL) AS lost, sum(GREATEST(COALESCE(n, 0) - due::int, 0))::bigint AS doubled
		FROM (SELECT id, mailbox_id, state IN ('ticket', 'reply') AS due FROM inbound) i
			LEFT JOIN (SELECT inbound_id, count(*) AS n FROM message WHERE inbound_id IS NOT NULL GROUP BY inbound_id) m ON m.inbound_id = i.id
		WHERE (SELECT count(*) FROM message WHERE inbound_id IS NOT NULL) <> (SELECT count(*) FROM inbound WHERE state IN ('ticket', 'reply'))
		GROUP BY i.mailbox_id`)
	pg.Ask(b, &folders, `
		SELECT mailbox_id, folder, uidvalidity, COALESCE(changed_at, connected_at) AS since, missed_at AS looked_at, server_known AS ledger,
			server_unread AS unread, abs(missed) AS missed
		FROM inbound_folder ORDER BY folder`)
	return func() []Account {
		accounts := make([]Account, len(list))
		for i, s := range list {
			accounts[i].Standing = s.plain()
			for _, x := range apart {
				if x.MailboxID == s.MailboxID {
					accounts[i].Lost, accounts[i].Doubled = x.Lost, x.Doubled
				}
			}
			for _, f := range folders {
				if f.MailboxID == s.MailboxID {
					accounts[i].Folders = append(accounts[i].Folders, f)
				}
			}
		}
		return accounts
	}
}

// Accounts is AskAccounts by itself.
func Accounts(ctx context.Context, r pg.Reader) ([]Account, error) {
	var b pg.Batch
	answer := AskAccounts(&b)
	if err := b.Run(ctx, r); err != nil {
		return nil, wrap(err, "reconcile the mailboxes")
	}
	return answer(), nil
}

// known tells a mailbox that had nothing to do from one that is none: fault.NotFound.
func known(ctx context.Context, r pg.Reader, mailboxID int64) error {
	_, err := pg.One[int64](ctx, r, `SELECT id FROM mailbox WHERE id = $1`, mailboxID)
	return err
}

// Acknowledge notes that a person knows of the new numbers of a mailbox: nobody need be told any more.
func Acknowledge(ctx context.Context, tx *pg.Tx, by agent.Agent, mailboxID int64) error {
	if !by.Can(agent.QuarantineManage) {
		return fmt.Errorf("acknowledge new numbers: %w", fault.Forbidden)
	}
	n, err := pg.Exec(ctx, tx, `
		UPDATE inbound_folder SET acknowledged_at = $2 WHERE mailbox_id = $1 AND changed_at > COALESCE(acknowledged_at, '-infinity')`, mailboxID, tx.Now)
	if err == nil && n == 0 {
		err = known(ctx, tx, mailboxID)
	}
	if err != nil || n == 0 {
		return wrap(err, "acknowledge the new numbers of mailbox %d", mailboxID)
	}
	return event.Record(tx, event.Event{SubjectKind: event.OfMailbox, SubjectID: mailboxID, Kind: event.RenumberedSeen, ByAgent: by.ID})
}
