package delivery

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
)

// A lane that has found nothing more says QUIT, and the server may take its time to answer. Its connection is counted until then.
func TestALetterThatFallsDueWhileALaneHangsUpLeavesWhenItHas(t *testing.T) {
	t.Parallel()
	d := atSink(t, mailworld.StartSink(t))
	s := d.sender()
	s.prepare()
	pass := func() {
		t.Helper()
		if _, err := s.pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.all.Wait()
	}
	s.lanes[d.mailbox] = 1
	id := d.put(alice)
	pass()
	if v := d.delivery(id); v.State != outbox.Queued {
		t.Fatalf("sent beside the lane that is there: %+v", v)
	}
	s.closed(d.mailbox)
	select {
	case <-s.wake:
	default:
		t.Fatal("the sender does not look again")
	}
	pass()
	if v := d.delivery(id); v.State != outbox.Sent {
		t.Errorf("%+v", v)
	}
	if len(s.wake) > 0 {
		t.Error("a lane that nobody called for wakes the sender as it ends")
	}
}

func TestLettersLostWhileTheyAreMadeStayHereAndSpoilNothing(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	s := d.sender()
	s.prepare()
	const lost = maxLost + 1
	for range lost + 1 {
		d.write(written{text: strings.Repeat("large letter\n", 200_000), to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
	}
	batch, err := s.claim(t.Context(), d.mailbox, lost+1)
	if err != nil || len(batch) != lost+1 {
		t.Fatal(batch, err)
	}
	d.must(func(tx *pg.Tx) error {
		_, _, err := outbox.Release(t.Context(), tx, batch[0].Token, ids(batch[:lost]))
		return err
	})
	l := lane{s: s, mailboxID: d.mailbox}
	defer l.hangUp()
	if err := l.batch(t.Context(), t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if n := len(sink.Ledger()); n != 1 || d.delivery(batch[lost].ID).State != outbox.Sent {
		t.Errorf("%d letters came, the one that was held is %s", n, d.delivery(batch[lost].ID).State)
	}
	for _, x := range batch[:lost] {
		if v := d.delivery(x.ID); v.State != outbox.Queued {
			t.Errorf("a lost letter is %s", v.State)
		}
	}
	if n := openFiles(t, s.TempDir); n != 0 {
		t.Errorf("%d files stay open", n)
	}
}

// openFiles is how many files of a directory this process has open, unlinked ones too.
func openFiles(t *testing.T, dir string) (n int) {
	t.Helper()
	all, err := filepath.Glob("/proc/self/fd/*")
	if err != nil || len(all) == 0 {
		t.Fatalf("what is open is not known: %v", err)
	}
	for _, f := range all {
		if to, err := os.Readlink(f); err == nil && strings.HasPrefix(to, dir+"/") {
			n++
		}
	}
	return n
}
