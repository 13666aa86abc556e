// Package backup makes copies of the whole desk and brings them back. Everything a desk has stands in its database, mails and files too, so a
// backup is a pg_dump archive (custom format) with one line behind it: the note. pg_restore reads the archive and does not mind the line.
//
// What a backup does not hold is the secret key, without which the passwords of the mailboxes cannot be opened, and who is signed in.
package backup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"frontdesk/internal/pg"
)

// Note is what a backup says of itself.
type Note struct {
	At      time.Time `json:"at"`      // of the snapshot, by the database
	Schema  int64     `json:"schema"`  // newest migration in it
	Key     string    `json:"key"`     // check value of the secret key its passwords are sealed with
	Counts  Counts    `json:"counts"`  // in the snapshot
	Archive int64     `json:"archive"` // bytes before the note
	SHA256  string    `json:"sha256"`  // of the archive, in hex
}

// Counts are what is compared after a restore.
type Counts struct {
	Tickets  int64 `json:"tickets"`
	Messages int64 `json:"messages"`
	Ledger   int64 `json:"ledger"` // mails that were taken, whatever became of them
	Blobs    int64 `json:"blobs"`
}

// count reads them in one statement.
func count(ctx context.Context, r pg.Reader) (Counts, error) {
	c, err := pg.One[Counts](ctx, r, `
		SELECT (SELECT count(*) FROM ticket) AS tickets, (SELECT count(*) FROM message) AS messages, (SELECT count(*) FROM inbound) AS ledger,
			(SELECT count(*) FROM blob) AS blobs`)
	if err != nil {
		return c, fmt.Errorf("count what is there: %w", err)
	}
	return c, nil
}

// The note stands between these in the last line.
const noteBegin, noteEnd = "\nfrontdesk backup {", "}\n"

// longestNote is more than any note has.
const longestNote = 4096

// ErrNoBackup says that a file was not made by backup, or not to its end.
var ErrNoBackup = errors.New("this is no whole backup of Frontdesk: its end is missing")

func (n Note) line() ([]byte, error) {
	b, err := json.Marshal(n)
	if err != nil {
		return nil, fmt.Errorf("write the note: %w", err)
	}
	return append([]byte(noteBegin[:len(noteBegin)-1]), append(b, '\n')...), nil
}

// ReadNote reads the end of a backup.
func ReadNote(f *os.File) (n Note, err error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return n, fmt.Errorf("read the backup: %w", err)
	}
	start := max(0, size-longestNote)
	tail := make([]byte, size-start)
	if _, err := f.ReadAt(tail, start); err != nil && !errors.Is(err, io.EOF) {
		return n, fmt.Errorf("read the backup: %w", err)
	}
	at := bytes.LastIndex(tail, []byte(noteBegin))
	if at < 0 || !bytes.HasSuffix(tail, []byte(noteEnd)) || json.Unmarshal(tail[at+len(noteBegin)-1:], &n) != nil || n.Archive != start+int64(at) {
		return n, ErrNoBackup
	}
	return n, nil
}
