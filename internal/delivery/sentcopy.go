package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/failpoint"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// file puts sent letters into the Sent folders of their mailboxes (PRODUCT S5): Tx F, behind Tx E. Nothing here can send.
func (s *Sender) file(ctx context.Context) (int, error) {
	var list []outbox.Copy
	err := s.DB.InTx(ctx, func(tx *pg.Tx) (err error) {
		list, err = outbox.ClaimCopies(ctx, tx, 50)
		return err
	})
	byMailbox := map[int64][]outbox.Copy{}
	for _, c := range list {
		byMailbox[c.MailboxID] = append(byMailbox[c.MailboxID], c)
	}
	for id, copies := range byMailbox {
		err = errors.Join(err, s.fileAll(ctx, id, copies))
	}
	return len(list), err
}

// fileAll files the copies of one mailbox over one connection. A failure is of the copy, not of the pass: it is noted and tried again. A folder that
// cannot be opened is not asked for by each of them.
func (s *Sender) fileAll(ctx context.Context, mailboxID int64, copies []outbox.Copy) error {
	var f *sentFolder
	var shut error
	defer func() { f.Close() }()
	for _, c := range copies {
		if f == nil && shut == nil {
			f, shut = s.openSent(ctx, mailboxID)
		}
		there, err := false, shut
		if err == nil {
			there, err = s.fileOne(ctx, f, c)
		}
		if ctx.Err() != nil {
			return nil // claimed copies come again by themselves
		}
		if err != nil {
			slog.Warn("no copy in the Sent folder", "letter", c.ID, "mailbox", mailboxID, "attempt", c.Attempts, "err", err)
			f.Close()
			f = nil
		}
		err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
			if there {
				return outbox.CopyDone(ctx, tx, c.ID)
			}
			return outbox.CopyFailed(ctx, tx, c)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fileOne looks for the letter and appends it when it is not there. After a broken APPEND it may be there all the same: the next attempt
// begins with the search again.
func (s *Sender) fileOne(ctx context.Context, f *sentFolder, c outbox.Copy) (there bool, err error) {
	there, err = f.FindMessageID(ctx, f.folder, c.RFCID)
	if there || err != nil || c.Provider {
		return there, err
	}
	raw, err := blob.Open(ctx, s.DB, c.RawBlobID)
	if err != nil {
		return false, err
	}
	_, err = f.Append(ctx, f.folder, raw.Size, raw, c.SentAt)
	failpoint.Hit("delivery.copied")
	if err == nil {
		return true, nil
	}
	again, openErr := s.openSent(ctx, c.MailboxID)
	if openErr != nil {
		return false, err
	}
	defer again.Close()
	if there, findErr := again.FindMessageID(ctx, again.folder, c.RFCID); there && findErr == nil {
		return true, nil
	}
	return false, err
}

// sentFolder is a connection to a mailbox and the name of its Sent folder.
type sentFolder struct {
	*mailbox.IMAP
	folder string
}

// Close ends the connection; a folder that was never opened has none.
func (f *sentFolder) Close() {
	if f != nil {
		_ = f.IMAP.Close()
	}
}

// openSent signs in and finds the Sent folder: the one of the settings, else the one the server marks as such (RFC 6154).
func (s *Sender) openSent(ctx context.Context, mailboxID int64) (*sentFolder, error) {
	a, err := s.account(ctx, mailboxID)
	if err != nil {
		return nil, err
	}
	m, err := s.connect(ctx, mailboxID, a)
	if err != nil {
		return nil, err
	}
	f := &sentFolder{IMAP: m, folder: a.sentFolder}
	if f.folder != "" {
		return f, nil
	}
	list, err := m.Folders(ctx)
	for _, x := range list {
		if x.Use == "Sent" {
			f.folder = x.Name
		}
	}
	if err == nil && f.folder == "" {
		err = errors.New("the server marks no folder as Sent; name it in the mailbox's settings")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// refusedRest is how long a server is left alone that refused the password: some lock the account (RELIABILITY, section 6, row 16).
const refusedRest = 15 * time.Minute

// connect signs in at the IMAP server, unless it rests: after a refusal met here, or after what its poller met.
func (s *Sender) connect(ctx context.Context, mailboxID int64, a account) (*mailbox.IMAP, error) {
	now, err := s.now(ctx)
	if err != nil {
		return nil, err
	}
	own, err := outbox.CopiesRestUntil(ctx, s.DB, mailboxID)
	if err != nil {
		return nil, err
	}
	for _, until := range []*time.Time{own, a.restsUntil} {
		if until != nil && now.Before(*until) {
			return nil, fmt.Errorf("the server is left alone until %s", until.UTC().Format(time.RFC3339))
		}
	}
	m, err := mailbox.Connect(ctx, a.Account)
	if errors.Is(err, mailbox.ErrCredentials) {
		err = errors.Join(err, s.DB.InTx(ctx, func(tx *pg.Tx) error { return outbox.CopiesRest(ctx, tx, mailboxID, refusedRest) }))
	}
	return m, err
}
