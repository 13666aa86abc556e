package intake_test

import (
	"encoding/base64"
	"log/slog"
	"os"
	"testing"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/intake"
	"frontdesk/internal/mailbox"
)

// Files of new mail wait for their check when there is a scanner, and only then; intake waits for nothing.
func TestFilesWaitForTheScannerWhereThereIsOne(t *testing.T) {
	t.Parallel()
	for _, checked := range []bool{false, true} {
		d := newDesk(t)
		in, err := intake.New(intake.Options{DB: d.db, IDKeys: [][]byte{idKey}, TempDir: t.TempDir(), ParseCommand: []string{os.Args[0], "parse-child"},
			Policy: mailbox.Policy{AllowPrivate: true}, Sealer: sealer, Check: checked, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(in.Close)
		d.in = in
		first := letter("ann@example.test", "one@x", "Invoice", `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See attachment
--b
Content-Type: application/octet-stream; name=invoice.exe
Content-Disposition: attachment; filename=invoice.exe
Content-Transfer-Encoding: base64

`+base64.StdEncoding.EncodeToString(mailworld.EICAR)+`
--b--
`)
		d.deliver(first, letter("ann@example.test", "two@x", "No file", ""))
		d.once()
		if n := ask[int](d, `SELECT count(*) FROM message_file f JOIN message m ON m.id = f.message_id WHERE m.subject = 'Invoice' AND f.name = 'invoice.exe' AND f.size = $1 AND (f.found IS NULL) = $2`,
			len(mailworld.EICAR), checked); n != 1 {
			t.Errorf("with a scanner %v: %d such files", checked, n)
		}
		if n := ask[int](d, `SELECT count(*) FROM ticket`); n != 2 {
			t.Errorf("with a scanner %v: %d tickets", checked, n)
		}
	}
}
