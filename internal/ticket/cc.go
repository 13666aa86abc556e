package ticket

import (
	"context"
	"fmt"
	"slices"

	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/mail"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// ccChange are the addresses that join the Cc of a ticket and those that leave it.
type ccChange struct{ add, drop []string }

// readCc reads what was typed as the ticket's Cc. Only what differs from what the form showed is a change, so two who write in different addresses
// both get their way. What no letter can go to is refused, unless it stood there already: mail put it there.
func readCc(ctx context.Context, r pg.Reader, t *row, c *Change) error {
	if c.Cc == nil {
		return nil
	}
	var shown, wanted []string
	if c.Cc.Was != nil {
		for _, one := range split(*c.Cc.Was) {
			shown = append(shown, mail.NormalAddress(oneLine(one)))
		}
	}
	bad := fault.Invalid{}
	var is []outbox.Recipient
	for _, one := range split(c.Cc.Is) {
		if address := mail.NormalAddress(oneLine(one)); slices.Contains(shown, address) {
			wanted = append(wanted, address)
		} else if a, ok := reachable(one, "cc", bad); ok {
			is = append(is, outbox.Recipient{Address: a.Address, Kind: "cc"})
		}
	}
	if n := len(wanted) + len(is); n > MaxCc {
		bad["cc"] = fault.Because(text.RefusalTooManyAddresses, "limit", MaxCc, "found", n)
	}
	if err := refuseOwn(ctx, r, is, bad); err != nil {
		return err
	}
	if err := bad.Or(); err != nil {
		return err
	}
	now, err := pg.List[string](ctx, r, `SELECT address FROM ticket_participant WHERE ticket_id = $1 AND role IN ('cc', 'requester')`, t.ID)
	if err != nil {
		return fmt.Errorf("read who takes part: %w", err)
	}
	for _, x := range is {
		if wanted = append(wanted, x.Address); !slices.Contains(now, x.Address) && !slices.Contains(c.cc.add, x.Address) {
			c.cc.add = append(c.cc.add, x.Address)
		}
	}
	for _, address := range shown {
		if !slices.Contains(wanted, address) && slices.Contains(now, address) {
			c.cc.drop = append(c.cc.drop, address)
		}
	}
	return nil
}

func (c ccChange) differences() []event.Change {
	var out []event.Change
	for _, a := range c.add {
		out = append(out, event.Change{Field: "cc", NewName: a})
	}
	for _, a := range c.drop {
		out = append(out, event.Change{Field: "cc", OldName: a})
	}
	return out
}

// writeCc notes who is on the Cc from now on. Who leaves it still takes part: their mail goes on landing in this ticket.
func writeCc(ctx context.Context, tx *pg.Tx, id int64, c ccChange) error {
	if len(c.add)+len(c.drop) == 0 {
		return nil
	}
	_, err := pg.Exec(ctx, tx, `
		INSERT INTO ticket_participant (ticket_id, address, role, since)
		SELECT $1::bigint, unnest($2::text[]), 'cc', $4::timestamptz UNION ALL SELECT $1, unnest($3::text[]), 'added', $4
		ON CONFLICT (ticket_id, address) DO UPDATE SET role = excluded.role WHERE ticket_participant.role <> 'requester'`, id, c.add, c.drop, tx.Now)
	if err != nil {
		return fmt.Errorf("change the Cc: %w", err)
	}
	return nil
}
