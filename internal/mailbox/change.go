package mailbox

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// Change stores other settings for the mailbox m.ID: all but its address, which stands in letters that have left. An empty password leaves the
// one there is. What cannot be is fault.Invalid, named as by Add. A back-off ends, and what differs is recorded, secrets as "changed"; the zero
// agent is the operator on the command line.
func Change(ctx context.Context, tx *pg.Tx, by agent.Agent, m Mailbox, password Secret, seal *Sealer) error {
	old, err := pg.One[Mailbox](ctx, tx, `SELECT `+columns+` FROM mailbox WHERE id = $1 FOR UPDATE`, m.ID)
	if err != nil {
		return fmt.Errorf("change mailbox %d: %w", m.ID, err)
	}
	m.Address, m.Secret = old.Address, old.Secret
	if password != "" {
		m.Secret = seal.Seal(password)
	}
	if err := m.check(ctx, tx, old, true); err != nil {
		return err
	}
	_, err = pg.Exec(ctx, tx, `
		UPDATE mailbox SET name = @name, sender_name = @sender_name, imap_host = @imap_host, imap_port = @imap_port, imap_tls = @imap_tls,
			imap_user = @imap_user, folders = @folders, smtp_host = @smtp_host, smtp_port = @smtp_port, smtp_tls = @smtp_tls, smtp_user = @smtp_user,
			secret = @secret, ca_pem = @ca_pem, tls_insecure = @tls_insecure, trust_private = @trust_private, poll_seconds = @poll_seconds, take = @take,
			also_read = @also_read, sent_mode = @sent_mode, sent_folder = @sent_folder, resend = @resend, auth_host = @auth_host, queue_id = @queue_id,
			active = @active, last_error = '', failures = 0, retry_at = NULL
		WHERE id = @id`, m.args(tx, m.Secret))
	if err != nil {
		return fmt.Errorf("change mailbox %q: %w", old.Name, err)
	}
	event.Ring(tx, event.MailboxKey(m.ID)) // also when it was saved as it was: whoever does so has mended something else
	changes := differences(old, m)
	if len(changes) == 0 {
		return nil
	}
	return event.Record(tx, event.Event{
		SubjectKind: event.OfMailbox, SubjectID: m.ID, Kind: event.AdminChanged, ByAgent: by.ID, Data: event.Data{Name: old.Name, Changes: changes},
	})
}

// differences are the settings that are not what they were, as a person reads them.
func differences(old, m Mailbox) []event.Change {
	var list []event.Change
	differs := func(field, was, is string) {
		if was != is {
			list = append(list, event.Change{Field: field, OldName: was, NewName: is})
		}
	}
	secret := func(field string, same bool) {
		if !same {
			list = append(list, event.Change{Field: field, NewName: "changed"})
		}
	}
	yes := strconv.FormatBool
	differs("name", old.Name, m.Name)
	differs("sender_name", old.SenderName, m.SenderName)
	differs("imap", old.imap().String()+"/"+strings.Join(old.Folders, ","), m.imap().String()+"/"+strings.Join(m.Folders, ","))
	differs("smtp", old.smtp().String(), m.smtp().String())
	secret("password", bytes.Equal(old.Secret, m.Secret))
	secret("ca", old.CAPEM == m.CAPEM)
	differs("tls_insecure", yes(old.TLSInsecure), yes(m.TLSInsecure))
	differs("poll", strconv.Itoa(old.PollSeconds)+"s", strconv.Itoa(m.PollSeconds)+"s")
	differs("take", string(old.Take), string(m.Take))
	differs("also_read", yes(old.AlsoRead), yes(m.AlsoRead))
	differs("sent", string(old.SentMode)+":"+old.SentFolder, string(m.SentMode)+":"+m.SentFolder)
	differs("resend", yes(old.Resend), yes(m.Resend))
	differs("auth_host", old.AuthHost, m.AuthHost)
	differs("active", yes(old.Active), yes(m.Active))
	if old.QueueID != m.QueueID {
		list = append(list, event.Change{Field: "queue", Old: old.QueueID, New: m.QueueID})
	}
	return list
}

func (m Mailbox) imap() Server { return Server{m.IMAPHost, m.IMAPPort, m.IMAPTLS, m.IMAPUser} }

func (m Mailbox) smtp() Server { return Server{m.SMTPHost, m.SMTPPort, m.SMTPTLS, m.SMTPUser} }

// String is user@host:port and how it is encrypted.
func (s Server) String() string {
	return cmp.Or(s.User, "nobody") + "@" + s.Address() + " " + string(s.TLS)
}
