package intake

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
)

// sizes asks what the server says of some mails before their bodies, in one command: those it would not tell of before alone and last, and those
// that rest not at all, so that one of them keeps no other from coming (PRODUCT M3). untold are the mails it told nothing of, unless the ledger
// has them.
func (c *conversation) sizes(ctx context.Context, uids []mailbox.UID) (metas []mailbox.Meta, untold []mailbox.UID, err error) {
	failed := func(u mailbox.UID) int { return c.in.untold.get(c.key(u)).failures }
	uids = slices.Clone(uids)
	slices.SortStableFunc(uids, func(a, b mailbox.UID) int { return cmp.Compare(failed(a), failed(b)) })
	for len(uids) > 0 {
		n := slices.IndexFunc(uids, func(u mailbox.UID) bool { return failed(u) > 0 })
		if n < 0 {
			n = len(uids)
		}
		part := uids[:max(n, 1)]
		uids = uids[len(part):]
		if c.leaves(c.in.untold.get(c.key(part[0]))) {
			untold = append(untold, part...)
			continue
		}
		told, err := c.m.Envelopes(ctx, part)
		if err != nil {
			if err := c.refused(ctx, &c.in.untold, part, err); err != nil {
				return nil, nil, err
			}
			untold = append(untold, part...)
			continue
		}
		c.in.untold.taken(c.keys(part))
		metas = append(metas, told...)
	}
	slices.SortFunc(metas, func(a, b mailbox.Meta) int { return cmp.Compare(a.UID, b.UID) })
	untold, err = c.notInLedger(ctx, untold)
	return metas, untold, err
}

// notInLedger leaves of some mails those that were not taken under their number.
func (c *conversation) notInLedger(ctx context.Context, uids []mailbox.UID) ([]mailbox.UID, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	taken, err := inbound.Taken(ctx, c.in.o.DB, c.folder, uids)
	return slices.DeleteFunc(uids, func(u mailbox.UID) bool { return taken[int64(u)] }), err
}
