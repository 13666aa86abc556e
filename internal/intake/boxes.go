package intake

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// Box is a mailbox as a poller needs it.
type Box struct {
	ID       int64
	Name     string
	Folders  []string
	Poll     time.Duration
	Take     string // all, new
	Account  mailbox.Account
	Failures int
	RetryAt  *time.Time
}

type boxRow struct {
	ID                          int64
	Name                        string
	IMAPHost, IMAPTLS, IMAPUser string
	IMAPPort                    int
	Folders                     []string
	Secret                      []byte
	CAPEM                       string `db:"ca_pem"`
	TLSInsecure                 bool
	TrustPrivate                bool
	PollSeconds                 int
	Take                        string
	Failures                    int
	RetryAt                     *time.Time
}

func (in *Intake) boxes(ctx context.Context) ([]Box, error) {
	rows, err := pg.List[boxRow](ctx, in.o.DB, `
		SELECT id, name, imap_host, imap_port, imap_tls, imap_user, folders, secret, ca_pem, tls_insecure, trust_private, poll_seconds, take, failures, retry_at
		FROM mailbox WHERE active ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list mailboxes: %w", err)
	}
	var list []Box
	for _, r := range rows {
		secret, err := in.o.Unseal(r.Secret)
		if err != nil {
			in.o.Log.Error("mailbox password not opened", "mailbox", r.Name, "err", err)
			continue
		}
		list = append(list, Box{ID: r.ID, Name: r.Name, Folders: r.Folders, Poll: time.Duration(r.PollSeconds) * time.Second, Take: r.Take,
			Failures: r.Failures, RetryAt: r.RetryAt,
			Account: mailbox.Account{IMAP: mailbox.Server{Host: r.IMAPHost, Port: r.IMAPPort, TLS: mailbox.TLS(r.IMAPTLS), User: r.IMAPUser},
				Password: secret, CAPEM: r.CAPEM, TLSInsecure: r.TLSInsecure, Policy: in.policy(r.TrustPrivate)}})
	}
	return list, nil
}

// same tells whether a poller may go on as it is.
func (b Box) same(o Box) bool {
	b.Failures, b.RetryAt, o.Failures, o.RetryAt = 0, nil, 0, nil
	return reflect.DeepEqual(b, o)
}

// notBefore is when the server may be asked again after the failures of the past.
func (b Box) notBefore() time.Time {
	if b.RetryAt == nil {
		return time.Time{}
	}
	return *b.RetryAt
}

// policy lets a mailbox that the operator added on the command line stand on a private host.
func (in *Intake) policy(trusted bool) mailbox.Policy {
	p := in.o.Policy
	p.AllowPrivate = p.AllowPrivate || trusted
	return p
}
