package intake

import (
	"context"
	"slices"
	"time"

	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// takeRead takes what another program has read since the mailbox was connected (PRODUCT M1): no search for unread mail names it. It looks at every
// mail above the highest number it has looked at, read or not, for what is unread now may be read before the next poll; so a poll costs nothing
// while nothing new has come, and each mail is looked at once. next is the number the server gives the next mail, 0 where it does not tell.
func (c *conversation) takeRead(ctx context.Context, next int64) error {
	from := c.folder.LookFrom(next)
	if from == next {
		return nil
	}
	// The day keeps out old mail that somebody moves here. It is the server's, in its own zone and by its own clock.
	uids, err := c.m.From(ctx, mailbox.UID(from), c.folder.ConnectedAt.Add(-24*time.Hour)) //nolint:gosec // a UID has 32 bits
	if err != nil {
		return err
	}
	for part := range slices.Chunk(uids, perRound) {
		if err := c.look(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// look takes of these what came after we connected and is not in the ledger, and notes that they were looked at.
func (c *conversation) look(ctx context.Context, uids []mailbox.UID) error {
	metas, err := c.m.Envelopes(ctx, uids)
	if err != nil {
		return err
	}
	metas = slices.DeleteFunc(metas, func(m mailbox.Meta) bool { return c.folder.Before(arrivalOf(m)) })
	fresh, _, err := c.sort(ctx, metas)
	if err != nil {
		return err
	}
	if err := c.takeAll(ctx, fresh); err != nil {
		return err
	}
	return c.in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return inbound.Looked(ctx, tx, &c.folder, int64(uids[len(uids)-1])) })
}
