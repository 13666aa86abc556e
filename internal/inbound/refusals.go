package inbound

import (
	"context"

	"frontdesk/internal/pg"
)

// Refusals are what a server refuses about the mails of a folder.
type Refusals struct {
	Withheld Refusal // to hand out mails that are to be taken
	Unmarked Refusal // to mark as read what was taken: every poll finds it again, and knows it
}

// Refusal is of how many mails, and what the server said of the last.
type Refusal struct {
	N    int
	Said string
}

// NoteRefusals writes down how it stands now. Since when stays, until the server refuses nothing of the kind any more.
func NoteRefusals(ctx context.Context, tx *pg.Tx, f Folder, r Refusals) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE inbound_folder SET
			withheld = $3, withheld_said = $4, withheld_at = CASE WHEN $3 > 0 THEN COALESCE(withheld_at, $7) END,
			unmarked = $5, unmarked_said = $6, unmarked_at = CASE WHEN $5 > 0 THEN COALESCE(unmarked_at, $7) END
		WHERE mailbox_id = $1 AND folder = $2`, f.MailboxID, f.Name, r.Withheld.N, r.Withheld.Said, r.Unmarked.N, r.Unmarked.Said, tx.Now)
	return wrap(err, "note what the server of %q refuses", f.Name)
}
