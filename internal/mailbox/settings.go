package mailbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// SentMode says what happens to the copy of a sent letter (DECISIONS, Outgoing).
type SentMode string

const (
	SentNone     SentMode = "none"
	SentAppend   SentMode = "append"   // we file it in SentFolder
	SentProvider SentMode = "provider" // the provider files it by itself; an unknown outcome is looked up there
)

// Take says what of the mail that lay there before the first connection becomes tickets.
type Take string

const (
	TakeAll Take = "all"
	TakeNew Take = "new"
)

// Mailbox is an account as it is kept. Secret is sealed; Account opens it.
type Mailbox struct {
	ID           int64
	Name         string // unique; what people call it
	Address      string // unique; lower case, domain in punycode
	SenderName   string
	IMAPHost     string
	IMAPPort     int
	IMAPTLS      TLS
	IMAPUser     string
	Folders      []string
	SMTPHost     string
	SMTPPort     int
	SMTPTLS      TLS
	SMTPUser     string // '' = the server wants no sign-in
	Secret       []byte
	CAPEM        string `db:"ca_pem"`
	TLSInsecure  bool
	TrustPrivate bool // added on the command line by the operator: private hosts are allowed
	PollSeconds  int
	Take         Take
	AlsoRead     bool // what another program has read since the mailbox was connected becomes tickets too (PRODUCT M1)
	SentMode     SentMode
	SentFolder   string
	Resend       bool // after an unknown outcome send once more instead of holding for a person
	AuthHost     string
	QueueID      int64 // where its new tickets go
	Active       bool
	CreatedAt    time.Time
	LastSuccess  *time.Time
	LastError    string
	LastErrorAt  *time.Time
	Failures     int // in a row
	RetryAt      *time.Time
}

const columns = `id, name, address, sender_name, imap_host, imap_port, imap_tls, imap_user, folders, smtp_host, smtp_port, smtp_tls, smtp_user,
	secret, ca_pem, tls_insecure, trust_private, poll_seconds, take, also_read, sent_mode, sent_folder, resend, auth_host, queue_id, active,
	created_at, last_success, last_error, last_error_at, failures, retry_at`

// Add stores a new mailbox with its password sealed and returns its id. Times, health and Secret of m are not read. fault.Invalid names what
// cannot be: name, address, sender_name, imap, smtp, sent, poll, ca, password.
func Add(ctx context.Context, tx *pg.Tx, m Mailbox, password Secret, seal *Sealer) (int64, error) {
	m.Address = normalAddress(m.Address)
	if err := m.check(ctx, tx, Mailbox{}, password != ""); err != nil {
		return 0, err
	}
	id, err := pg.One[int64](ctx, tx, `
		INSERT INTO mailbox (name, address, sender_name, imap_host, imap_port, imap_tls, imap_user, folders, smtp_host, smtp_port, smtp_tls, smtp_user,
			secret, ca_pem, tls_insecure, trust_private, poll_seconds, take, also_read, sent_mode, sent_folder, resend, auth_host, queue_id, active, created_at)
		VALUES (@name, @address, @sender_name, @imap_host, @imap_port, @imap_tls, @imap_user, @folders, @smtp_host, @smtp_port, @smtp_tls, @smtp_user,
			@secret, @ca_pem, @tls_insecure, @trust_private, @poll_seconds, @take, @also_read, @sent_mode, @sent_folder, @resend, @auth_host, @queue_id, @active, @now)
		RETURNING id`, m.args(tx, seal.Seal(password)))
	if err != nil {
		return 0, fmt.Errorf("add mailbox %q: %w", m.Name, err)
	}
	event.Ring(tx, event.MailboxKey(id))
	return id, nil
}

// args are the settings as the columns of the same names.
func (m Mailbox) args(tx *pg.Tx, secret []byte) pgx.NamedArgs {
	return pgx.NamedArgs{
		"id": m.ID, "name": m.Name, "address": m.Address, "sender_name": m.SenderName, "imap_host": m.IMAPHost, "imap_port": m.IMAPPort, "imap_tls": m.IMAPTLS,
		"imap_user": m.IMAPUser, "folders": m.Folders, "smtp_host": m.SMTPHost, "smtp_port": m.SMTPPort, "smtp_tls": m.SMTPTLS, "smtp_user": m.SMTPUser,
		"secret": secret, "ca_pem": m.CAPEM, "tls_insecure": m.TLSInsecure, "trust_private": m.TrustPrivate, "poll_seconds": m.PollSeconds, "take": m.Take,
		"also_read": m.AlsoRead, "sent_mode": m.SentMode, "sent_folder": m.SentFolder, "resend": m.Resend, "auth_host": m.AuthHost, "queue_id": m.QueueID,
		"active": m.Active, "now": tx.Now,
	}
}

// Get returns a mailbox, fault.NotFound when there is none.
func Get(ctx context.Context, r pg.Reader, id int64) (Mailbox, error) {
	return pg.One[Mailbox](ctx, r, `SELECT `+columns+` FROM mailbox WHERE id = $1`, id)
}

// ByName finds a mailbox by what people call it.
func ByName(ctx context.Context, r pg.Reader, name string) (Mailbox, error) {
	return pg.One[Mailbox](ctx, r, `SELECT `+columns+` FROM mailbox WHERE name = $1`, name)
}

// All lists every mailbox by name.
func All(ctx context.Context, r pg.Reader) ([]Mailbox, error) {
	return pg.List[Mailbox](ctx, r, `SELECT `+columns+` FROM mailbox ORDER BY name COLLATE "und-x-icu", id`)
}

// Active lists those whose incoming mail is processed.
func Active(ctx context.Context, r pg.Reader) ([]Mailbox, error) {
	return pg.List[Mailbox](ctx, r, `SELECT `+columns+` FROM mailbox WHERE active ORDER BY id`)
}

// Account opens the password and gives what the conversations need. p is the policy for addresses typed into forms; a mailbox the operator
// added on the command line may stand on a private host.
func (m Mailbox) Account(seal *Sealer, p Policy) (Account, error) {
	password, err := seal.Open(m.Secret)
	if err != nil {
		return Account{}, fmt.Errorf("mailbox %q: %w", m.Name, err)
	}
	p.AllowPrivate = p.AllowPrivate || m.TrustPrivate
	return Account{
		IMAP: m.imap(), SMTP: m.smtp(), Password: password, CAPEM: m.CAPEM, TLSInsecure: m.TLSInsecure, Policy: p,
	}, nil
}

// check collects what cannot be, so that a form shows all of it at once. old is the mailbox before.
func (m Mailbox) check(ctx context.Context, r pg.Reader, old Mailbox, password bool) error {
	wrong := fault.Invalid{}
	refuse := func(bad bool, field string, key text.Key) {
		if _, told := wrong[field]; bad && !told {
			wrong[field] = fault.Because(key)
		}
	}
	refuse(strings.TrimSpace(m.Name) == "" || hasControl(m.Name) || len(m.Name) > 200, "name", text.MailboxNameWrong)
	_, writable := mail.Writable(m.Address)
	refuse(!writable, "address", text.MailboxAddressWrong)
	refuse(hasControl(m.SenderName) || len(m.SenderName) > 200, "sender_name", text.MailboxNameWrong)
	refuse(m.imap().valid() != nil || m.IMAPUser == "", "imap", text.MailboxServerWrong)
	refuse(m.smtp().valid() != nil, "smtp", text.MailboxServerWrong)
	refuse(len(m.Folders) == 0 || slices.ContainsFunc(m.Folders, func(f string) bool { return f == "" || hasControl(f) }), "imap", text.MailboxFolderWrong)
	refuse(m.SentMode == SentAppend && m.SentFolder == "" || hasControl(m.SentFolder), "sent", text.MailboxSentWrong)
	refuse(m.PollSeconds < 5 || m.PollSeconds > 86400, "poll", text.MailboxPollWrong)
	refuse(!password, "password", text.MailboxPasswordMissing)
	if m.CAPEM != "" {
		_, err := Account{CAPEM: m.CAPEM}.tlsConfig(Server{Host: m.IMAPHost})
		refuse(err != nil, "ca", text.MailboxCaWrong)
	}
	// Of two that fetch from one folder, both would make a ticket of each mail. Two that do so since long are not kept from another password.
	elsewhere := m.Active && (!old.Active || m.imap() != old.imap() || !slices.Equal(m.Folders, old.Folders))
	taken, err := pg.List[string](ctx, r, `
		SELECT unnest(array_remove(ARRAY[
			CASE WHEN name = @name THEN 'name' END,
			CASE WHEN address = @address THEN 'address' END,
			CASE WHEN active AND @elsewhere AND lower(imap_host) = lower(@host) AND lower(imap_user) = lower(@user)
				AND (imap_port = @port OR imap_port IN (143, 993) AND @port::int IN (143, 993))
				AND EXISTS (SELECT FROM unnest(folders) a, unnest(@folders::text[]) b WHERE a = b OR upper(a) = 'INBOX' AND upper(b) = 'INBOX') THEN 'imap' END], NULL))
		FROM mailbox WHERE id <> @id`, pgx.NamedArgs{"id": m.ID, "name": m.Name, "address": m.Address, "elsewhere": elsewhere, "host": m.IMAPHost, "user": m.IMAPUser,
		"port": m.IMAPPort, "folders": m.Folders})
	if err != nil {
		return fmt.Errorf("look for mailboxes of that name: %w", err)
	}
	for _, field := range taken {
		refuse(true, field, takenKeys[field])
	}
	return wrong.Or()
}

var takenKeys = map[string]text.Key{"name": text.MailboxNameTaken, "address": text.MailboxAddressTaken, "imap": text.MailboxFolderTaken}
