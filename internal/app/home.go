package app

import (
	"context"
	"fmt"
	"log/slog"

	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/inbound"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// home is the parameter that says where the database lay when it was opened last: which server, which database, which table. A copy that was
// restored, by us or by hand, says another place. (A copy of the server's files does not.)
const home = "home"

// checkHome finds out whether the database was restored from a backup since it was opened last. If so, what may have happened behind the backup is
// accounted for before anything else can happen.
func (d *Desk) checkHome(ctx context.Context) error {
	here, err := d.place(ctx)
	if err != nil {
		return fmt.Errorf("ask where the database lies: %w", err)
	}
	return d.DB.InTx(ctx, func(tx *pg.Tx) error {
		was, err := desk.SetParamOnce(ctx, tx, home, here)
		if err != nil || was == here {
			return err
		}
		moved, err := desk.ReplaceParam(ctx, tx, home, was, here)
		if err != nil || !moved { // another process was faster
			return err
		}
		return restored(ctx, tx)
	})
}

// place names server, database and table. A server that does not tell its own name is told apart by the other two.
func (d *Desk) place(ctx context.Context) (string, error) {
	tells, err := pg.One[bool](ctx, d.DB, `SELECT has_function_privilege('pg_control_system()', 'EXECUTE')`)
	server := ""
	if err == nil && tells {
		server, err = pg.One[string](ctx, d.DB, `SELECT system_identifier::text FROM pg_control_system()`)
	}
	if err != nil {
		return "", err
	}
	return pg.One[string](ctx, d.DB, `SELECT $1::text || '/' || oid || '/' || 'outbox'::regclass::oid FROM pg_database WHERE datname = current_database()`, server)
}

func restored(ctx context.Context, tx *pg.Tx) error {
	letters, err := outbox.Restored(ctx, tx)
	if err != nil {
		return err
	}
	for _, l := range letters {
		if l.Held {
			if err := ticket.SendUncertain(ctx, tx, l.ID, l.TicketID, l.MessageID, "restored"); err != nil {
				return err
			}
		}
	}
	if err := inbound.Restored(ctx, tx); err != nil {
		return err
	}
	if err := ticket.SkipNumbers(ctx, tx); err != nil {
		return err
	}
	slog.Warn("this database was restored from a backup: letters that were waiting are held, and mailboxes are looked through for mail taken since", "letters", len(letters))
	return event.Record(tx, event.Event{SubjectKind: event.OfDesk, Kind: event.AdminChanged, Data: event.Data{Name: "restored"}})
}
