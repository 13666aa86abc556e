package inbound

import (
	"context"

	"frontdesk/internal/pg"
)

// LookFrom is the number from which on mail that another program has read is looked for: behind what was looked at, and nothing that lay there
// before we first connected. next is the number the server gives the next mail (0: it does not tell); when that is not above what was looked at,
// the server has begun to count anew.
func (f Folder) LookFrom(next int64) int64 {
	looked := f.LookedUID
	if next > 0 && next <= looked {
		looked = 0
	}
	return max(looked+1, f.FirstUID)
}

// Looked notes that all mails up to a number were looked at: what belongs to us of them stands in the ledger.
func Looked(ctx context.Context, tx *pg.Tx, f *Folder, uid int64) error {
	_, err := pg.Exec(ctx, tx, `UPDATE inbound_folder SET looked_uid = $3 WHERE mailbox_id = $1 AND folder = $2`, f.MailboxID, f.Name, uid)
	if err == nil {
		f.LookedUID = uid
	}
	return wrap(err, "note what was looked at in %q", f.Name)
}
