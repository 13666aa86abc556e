package inbound

import (
	"context"

	"frontdesk/internal/pg"
)

// Taken tells which numbers of a folder are in the ledger, whatever the server says of the mails under them now.
func Taken[UID ~uint32](ctx context.Context, r pg.Reader, f Folder, uids []UID) (map[int64]bool, error) {
	numbers := make([]int64, len(uids))
	for i, u := range uids {
		numbers[i] = int64(u)
	}
	rows, err := pg.List[int64](ctx, r, `
		SELECT uid FROM inbound WHERE mailbox_id = $1 AND folder = $2 AND epoch = $3 AND uidvalidity = $4 AND uid = ANY($5)`,
		f.MailboxID, f.Name, f.Epoch, f.UIDValidity, numbers)
	taken := make(map[int64]bool, len(rows))
	for _, uid := range rows {
		taken[uid] = true
	}
	return taken, wrap(err, "look for mail that was taken")
}
