package ticket

import (
	"context"
	"errors"
	"fmt"
	"io"

	"frontdesk/internal/blob"
	"frontdesk/internal/fault"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
)

// maxSource is how much of a source is read to clean its body anew.
const maxSource = 64 << 20

// OldBodies lists messages whose HTML an older cleaner made, the oldest cleaner first: so an index leads to them, and says at once that there are none.
func OldBodies(ctx context.Context, r pg.Reader, limit int) ([]int64, error) {
	return pg.List[int64](ctx, r, `SELECT message_id FROM message_body WHERE cleaner < $1 AND html <> '' ORDER BY cleaner, message_id LIMIT $2`, mail.Cleaner, limit)
}

// CleanAgain makes the HTML of an incoming message anew from its source, outside any transaction; where that is gone, from the HTML there is.
func CleanAgain(ctx context.Context, r pg.Reader, messageID int64) (mail.Cleaned, error) {
	id, err := pg.One[int64](ctx, r, `SELECT i.raw_blob_id FROM message m JOIN inbound i ON i.id = m.inbound_id WHERE m.id = $1 AND i.raw_blob_id IS NOT NULL`, messageID)
	if errors.Is(err, fault.NotFound) {
		kept, err := pg.One[struct{ HTML, Text string }](ctx, r, `SELECT html, text FROM message_body WHERE message_id = $1`, messageID)
		if err != nil {
			return mail.Cleaned{}, fmt.Errorf("HTML of message %d: %w", messageID, err)
		}
		return mail.Clean(kept.HTML).Beside(kept.Text), nil
	}
	if err != nil {
		return mail.Cleaned{}, fmt.Errorf("source of message %d: %w", messageID, err)
	}
	return cleanAgain(ctx, r, id)
}

func cleanAgain(ctx context.Context, r pg.Reader, blobID int64) (mail.Cleaned, error) {
	src, err := blob.Open(ctx, r, blobID)
	if err != nil {
		return mail.Cleaned{}, err
	}
	raw, err := io.ReadAll(io.LimitReader(src, maxSource))
	if err != nil {
		return mail.Cleaned{}, fmt.Errorf("read the source: %w", err)
	}
	return mail.Parse(raw).Clean(), nil
}

// KeepBody stores a body that was cleaned anew.
func KeepBody(ctx context.Context, tx *pg.Tx, messageID int64, c mail.Cleaned) error {
	_, err := pg.Exec(ctx, tx, `UPDATE message_body SET html = $2, remote_pictures = $3, cleaner = $4 WHERE message_id = $1`,
		messageID, c.HTML, c.RemotePictures, mail.Cleaner)
	if err != nil {
		return fmt.Errorf("keep the body of message %d: %w", messageID, err)
	}
	return nil
}
