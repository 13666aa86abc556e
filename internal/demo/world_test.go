package demo

import (
	"testing"

	"github.com/emersion/go-imap/v2"
)

func TestASecondRunGoesOnNumberingItsMails(t *testing.T) {
	t.Parallel()
	w, err := openWorld()
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if err := w.numberBehind(7); err != nil {
		t.Fatal(err)
	}
	if err := w.deliver([]byte("Subject: eighth\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	got, err := w.box.Status("INBOX", &imap.StatusOptions{NumMessages: true, UIDNext: true})
	if err != nil {
		t.Fatal(err)
	}
	if *got.NumMessages != 1 || got.UIDNext != 9 {
		t.Errorf("%d mails lie there, the next is number %d; want one, and 9", *got.NumMessages, got.UIDNext)
	}
}
