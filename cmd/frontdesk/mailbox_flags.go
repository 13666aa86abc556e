package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"frontdesk/internal/mailbox"
)

// mailbox is what the flags say, but for the queue.
func (c mailboxAddCommand) mailbox() (m mailbox.Mailbox, err error) {
	imap, folder, err := readIMAP(c.IMAP)
	if err != nil {
		return m, err
	}
	smtp, err := readSMTP(c.SMTP)
	if err != nil {
		return m, err
	}
	m = mailbox.Mailbox{
		Name: c.Name, Address: c.Address, Folders: []string{folder},
		IMAPHost: imap.Host, IMAPPort: imap.Port, IMAPTLS: imap.TLS, IMAPUser: imap.User,
		SMTPHost: smtp.Host, SMTPPort: smtp.Port, SMTPTLS: smtp.TLS, SMTPUser: smtp.User,
		TLSInsecure: c.TLSInsecure, TrustPrivate: true, PollSeconds: int(c.Poll / time.Second), Take: c.Take, AlsoRead: c.AlsoRead, Active: c.Active,
	}
	if m.SentMode, m.SentFolder, err = readSent(c.Sent); err != nil {
		return m, err
	}
	m.CAPEM, err = readCA(c.CA)
	return m, err
}

// readCA reads a file of certificates; no file is none.
func readCA(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("--ca: %w", err)
	}
	return string(pem), nil
}

func readSent(s string) (mailbox.SentMode, string, error) {
	mode, folder, _ := strings.Cut(s, ":")
	switch {
	case s == "none":
		return mailbox.SentNone, "", nil
	case mode == "append" && folder != "":
		return mailbox.SentAppend, folder, nil
	case s == "provider":
		return mailbox.SentProvider, "Sent", nil
	case mode == "provider" && folder != "":
		return mailbox.SentProvider, folder, nil
	}
	return "", "", wrongUsage("--sent must be none, append:FOLDER, provider or provider:FOLDER")
}
