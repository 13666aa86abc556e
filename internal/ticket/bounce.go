package ticket

import (
	"context"
	"errors"

	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// AddBounce notes in the ticket that a letter of it was returned, with what the other server said about each recipient (PRODUCT M8). It changes
// no status: the sending error shows by itself.
func AddBounce(ctx context.Context, tx *pg.Tx, id, inboundID, messageID int64, recipients []event.Recipient) error {
	r, err := lockFollowing(ctx, tx, id, func(*pg.Batch, int64) {})
	if errors.Is(err, fault.NotFound) {
		return nil // deleted meanwhile: the letter itself shows the error
	}
	if err != nil {
		return err
	}
	if err := touch(ctx, tx, &r); err != nil {
		return err
	}
	return record(tx, r.ID, 0, messageID, event.Bounced, event.Data{Inbound: inboundID, Recipients: recipients})
}
