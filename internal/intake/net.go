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
// (RELIABILITY 2, step 10).
func (c *conversation) drawNet(ctx context.Context) error {
	now := time.Now()
	uids, err := c.m.Since(ctx, now.AddDate(0, 0, -inbound.NetDays))
	if err != nil {
		return err
	}
	missed := 0
	for part := range slices.Chunk(uids, perRound) {
		n, err := c.drawPart(ctx, part)
		if err != nil {
			return err
		}
		missed += n
	}
	if missed > 0 {
		c.in.o.Log.Warn("read elsewhere before it was taken", "mailbox", c.box.Name, "folder", c.folder.Name, "mails", missed)
	}
	return c.in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return inbound.NoteMissed(ctx, tx, c.folder, missed) })
}

// drawPart answers how many of these were missed and are not taken now.
func (c *conversation) drawPart(ctx context.Context, uids []mailbox.UID) (int, error) {
	metas, err := c.m.Envelopes(ctx, uids)
	if err != nil {
		return 0, err
	}
	metas = slices.DeleteFunc(metas, func(m mailbox.Meta) bool { return !slices.Contains(m.Flags, `\Seen`) }) // the next poll takes those
	arrivals := make([]inbound.Arrival, len(metas))
	for i, m := range metas {
		arrivals[i] = arrivalOf(m)
	}
	left, err := inbound.Unaccounted(ctx, c.in.o.DB, c.folder, arrivals)
	if err != nil || !c.folder.TakeMissed && !c.box.AlsoRead {
		return len(left), err
	}
	metas = slices.DeleteFunc(metas, func(m mailbox.Meta) bool {
		return !slices.ContainsFunc(left, func(a inbound.Arrival) bool { return a.UID == int64(m.UID) })
	})
	return 0, c.takeAll(ctx, metas)
}
