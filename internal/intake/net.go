package intake

import (
	"context"
	"slices"
	"time"

	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// drawNet compares the last days at the server with the ledger: mail that somebody read in another program before a poll saw it is not unread
// any more, so the polls never take it. It is counted and shown; when a person asked for it, or the mailbox takes such mail, it is taken
// (RELIABILITY 2, step 10), and stays asked for while the server withholds any of it.
func (c *conversation) drawNet(ctx context.Context) error {
	uids, err := c.m.Since(ctx, c.folder.NetSince(time.Now()))
	if err != nil {
		return err
	}
	read, unread, untold, err := c.arrivals(ctx, uids)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(untold, func(u mailbox.UID) bool { return !c.in.untold.get(c.key(u)).lasts() }) {
		return nil // it may have been another's fault: the net stays due, and the next pass asks for them alone
	}
	left, known, err := inbound.Unaccounted(ctx, c.in.o.DB, c.folder, read)
	if err != nil {
		return err
	}
	waiting, again, err := inbound.Unaccounted(ctx, c.in.o.DB, c.folder, unread) // again: known, and unread since
	if err != nil {
		return err
	}
	look := inbound.Look{Ledger: known + again, Unread: len(waiting), Missed: len(left) + len(untold)}
	if c.folder.TakeMissed || c.box.AlsoRead {
		c.leave(&c.in.untold, untold)
		if err := c.takeMissed(ctx, left); err != nil {
			return err
		}
		if left, known, err = inbound.Unaccounted(ctx, c.in.o.DB, c.folder, read); err != nil { // what was not handed out
			return err
		}
		look.Ledger, look.Missed, look.Wanted = known+again, len(left)+len(untold), true
	}
	if look.Missed > 0 {
		c.in.o.Log.Warn("read elsewhere before it was taken", "mailbox", c.box.Name, "folder", c.folder.Name, "mails", look.Missed)
	}
	return c.in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return inbound.NoteMissed(ctx, tx, c.folder, look) })
}

// arrivals are what the server says of the mails, those that are not unread any more by themselves; the next poll takes the others. untold are those
// of which it says nothing and that came since we connected, as far as the numbers show; what is unread of them the poll has left already.
func (c *conversation) arrivals(ctx context.Context, uids []mailbox.UID) (read, unread []inbound.Arrival, untold []mailbox.UID, err error) {
	for part := range slices.Chunk(uids, perRound) {
		metas, not, err := c.sizes(ctx, part)
		if err != nil {
			return nil, nil, nil, err
		}
		for _, m := range metas {
			if slices.Contains(m.Flags, `\Seen`) {
				read = append(read, arrivalOf(m))
			} else {
				unread = append(unread, arrivalOf(m))
			}
		}
		untold = append(untold, not...)
	}
	return read, unread, slices.DeleteFunc(untold, func(u mailbox.UID) bool {
		_, left := c.left[u]
		return left || int64(u) < c.folder.FirstUID
	}), nil
}

func (c *conversation) takeMissed(ctx context.Context, list []inbound.Arrival) error {
	for part := range slices.Chunk(list, perRound) {
		uids := make([]mailbox.UID, len(part))
		for i, a := range part {
			uids[i] = mailbox.UID(a.UID) //nolint:gosec // a UID has 32 bits
		}
		metas, untold, err := c.sizes(ctx, uids)
		if err != nil {
			return err
		}
		c.leave(&c.in.untold, untold)
		if _, err := c.takeAll(ctx, metas); err != nil {
			return err
		}
	}
	return nil
}
