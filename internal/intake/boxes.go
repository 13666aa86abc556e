package intake

import (
	"context"
	"reflect"
	"time"

	"frontdesk/internal/mailbox"
)

// box is a mailbox as a poller needs it.
type box struct {
	mailbox.Mailbox
	account mailbox.Account
}

// boxes lists the mailboxes to be watched. One whose password cannot be opened is left out, and said so.
func (in *Intake) boxes(ctx context.Context) ([]box, error) {
	rows, err := mailbox.Active(ctx, in.o.DB)
	if err != nil {
		return nil, err
	}
	var list []box
	for _, m := range rows {
		account, err := m.Account(in.o.Sealer, in.o.Policy)
		if err != nil {
			in.o.Log.Error("mailbox left out", "mailbox", m.Name, "err", err)
			continue
		}
		list = append(list, box{m, account})
	}
	return list, nil
}

// same tells whether nothing was changed that a poller works with: how the mailbox is doing does not count.
func (b box) same(o box) bool {
	for _, m := range []*mailbox.Mailbox{&b.Mailbox, &o.Mailbox} {
		m.LastSuccess, m.LastError, m.LastErrorAt, m.Failures, m.RetryAt = nil, "", nil, 0, nil
	}
	return reflect.DeepEqual(b, o)
}

// rest is how long the server is still left alone after the failures of the past, by whatever clock they were noted.
func (b box) rest(now time.Time) time.Duration {
	if b.RetryAt == nil {
		return 0
	}
	return min(b.RetryAt.Sub(now), longestPause)
}

func (b box) interval() time.Duration { return time.Duration(b.PollSeconds) * time.Second }
