package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/mailbox"
)

func TestServerAddressesAreRead(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]mailbox.Server{
		"imaps://support%40desk.test@mail.test": {Host: "mail.test", Port: 993, TLS: mailbox.Implicit, User: "support@desk.test"},
		"imaps://support@desk.test@mail.test":   {Host: "mail.test", Port: 993, TLS: mailbox.Implicit, User: "support@desk.test"}, // understood too
		"imap://support@127.0.0.1:20143/INBOX":  {Host: "127.0.0.1", Port: 20143, TLS: mailbox.StartTLS, User: "support"},
		"imaps://u@[::1]/":                      {Host: "::1", Port: 993, TLS: mailbox.Implicit, User: "u"},
	} {
		if got, folder, err := readIMAP(address); err != nil || folder != "INBOX" || !cmp.Equal(got, want) {
			t.Errorf("%s: %+v %q %v", address, got, folder, err)
		}
	}
	for address, want := range map[string]mailbox.Server{
		"smtp://u@mail.test":    {Host: "mail.test", Port: 587, TLS: mailbox.StartTLS, User: "u"},
		"SMTPS://u@mail.test/":  {Host: "mail.test", Port: 465, TLS: mailbox.Implicit, User: "u"},
		"smtp://mail.test:2525": {Host: "mail.test", Port: 2525, TLS: mailbox.StartTLS},
	} {
		if got, err := readSMTP(address); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %+v %v", address, got, err)
		}
	}
	if _, folder, err := readIMAP("imaps://u@mail.test/Archive/%C5%BB%C3%B3%C5%82w"); err != nil || folder != "Archive/Żółw" {
		t.Errorf("folder %q %v", folder, err)
	}
}

func TestWrongServerAddressSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	for address, says := range map[string]string{
		"support@desk.test@mail.test":  "imap://",
		"imaps://support%zz@mail.test": "%40",
		"imaps://u:secret@mail.test":   "standard input",
		"pop3://u@mail.test":           "imap://",
		"smtp://u@mail.test":           "imap://",
		"imaps://mail.test":            "user",
		"imaps://u@":                   "host",
		"imaps://u@mail.test:70000":    "port",
	} {
		_, _, err := readIMAP(address)
		var wrong wrongUsage
		if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), "--imap: ") || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := readSMTP("smtp://u@mail.test/Sent"); err == nil {
		t.Error("a folder for SMTP was taken")
	}
}
