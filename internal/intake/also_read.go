package intake

import (
	"context"
	"math"
	"slices"
	"time"

	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// takeRead takes what another program has read since the mailbox was connected (PRODUCT M1): no search for unread mail names it. It looks at every
// mail above the highest number it has looked at, read or not, for what is unread now may be read before the next poll; so a poll costs nothing
// while nothing new has come, and each mail is looked at once; but for those behind one that the server withholds, which are looked at with it. next is the number the server gives the next mail, 0 where it does not tell.
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
	first := int64(math.MaxInt64) // that is left
	for part := range slices.Chunk(uids, perRound) {
		left, err := c.look(ctx, part)
		if err != nil {
			return err
		}
		for _, u := range left {
			first = min(first, int64(u))
		}
		looked := min(int64(part[len(part)-1]), first-1)
		if err := c.in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return inbound.Looked(ctx, tx, &c.folder, looked) }); err != nil {
			return err
		}
	}
	return nil
}

// look takes of these what came after we connected and is not in the ledger, and answers what of it the server did not hand out.
func (c *conversation) look(ctx context.Context, uids []mailbox.UID) (left []mailbox.UID, err error) {
	metas, untold, err := c.sizes(ctx, uids)
	if err != nil {
		return nil, err
	}
	c.leave(&c.in.untold, untold)
	metas = slices.DeleteFunc(metas, func(m mailbox.Meta) bool { return c.folder.Before(arrivalOf(m)) })
	fresh, _, err := c.sort(ctx, metas)
	if err != nil {
		return nil, err
	}
	left, err = c.takeAll(ctx, fresh)
	return append(left, untold...), err
}
