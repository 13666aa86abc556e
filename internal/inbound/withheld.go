package inbound

import (
	"context"

	"frontdesk/internal/pg"
)

// Withheld is how many mails of a folder that are to be taken its server does not hand out, and what it said of the last.
type Withheld struct {
	N    int
	Said string
}

// NoteWithheld writes down how it stands now. Since when stays, until the server hands out all of them.
func NoteWithheld(ctx context.Context, tx *pg.Tx, f Folder, w Withheld) error {
	_, err := pg.Exec(ctx, tx, `
		UPDATE inbound_folder SET withheld = $3, withheld_said = $4, withheld_at = CASE WHEN $3 > 0 THEN COALESCE(withheld_at, $5) END
		WHERE mailbox_id = $1 AND folder = $2`, f.MailboxID, f.Name, w.N, w.Said, tx.Now)
	return wrap(err, "note what is not handed out in %q", f.Name)
}
