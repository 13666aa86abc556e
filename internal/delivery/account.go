package delivery

import (
	"context"
	"fmt"
	"time"

	"frontdesk/internal/mailbox"
)

// account is what sending needs to know of a mailbox.
type account struct {
	mailbox.Account
	address    string     // the envelope sender
	sentFolder string     // '' = the one the server marks
	restsUntil *time.Time // its IMAP server, after failures
}

// account reads the settings as they are now: a changed password counts from the next connection on.
func (s *Sender) account(ctx context.Context, mailboxID int64) (account, error) {
	m, err := mailbox.Get(ctx, s.DB, mailboxID)
	if err != nil {
		return account{}, fmt.Errorf("read mailbox %d: %w", mailboxID, err)
	}
	a, err := m.Account(s.Sealer, s.Policy)
	a.Limits = s.Limits
	return account{a, m.Address, m.SentFolder, m.RetryAt}, err
}
