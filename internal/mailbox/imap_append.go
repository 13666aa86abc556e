package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Append files size bytes from body in a folder, marked \Seen, with at as its arrival. It returns the new UID, 0 where the server does not
// tell. After an error the message may be there or not: look it up with FindMessageID before trying again (RELIABILITY, section 3, step 8).
func (m *IMAP) Append(ctx context.Context, folder string, size int64, body io.Reader, at time.Time) (UID, error) {
	var uid UID
	err := m.do(ctx, m.lim.forBytes(size), m.lim.Bytes, func() error {
		cmd := m.c.Append(folder, size, &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: at})
		n, err := io.Copy(cmd, body)
		if err == nil && n != size {
			err = ours{fmt.Errorf("the message has %d bytes, not %d", n, size)}
			m.w.Close()
		}
		if e := cmd.Close(); err == nil {
			err = e
		}
		d, waitErr := cmd.Wait()
		if no := (*imap.Error)(nil); errors.As(waitErr, &no) || err == nil {
			err = waitErr
		}
		uid = d.UID
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("file the message in %q: %w", folder, err)
	}
	return uid, nil
}
