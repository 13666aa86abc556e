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

func TestALetterThatIsLostWhileItIsMadeGivesItsFileBack(t *testing.T) {
	t.Parallel()
	d := atSink(t, mailworld.StartSink(t))
	s := d.sender()
	s.prepare()
	for range 3 {
		d.write(written{text: strings.Repeat("large letter\n", 200_000), to: []outbox.Recipient{{Address: alice, Kind: "to"}}})
	}
	batch, err := s.claim(t.Context(), d.mailbox, 3)
	if err != nil || len(batch) != 3 {
		t.Fatal(batch, err)
	}
	d.must(func(tx *pg.Tx) error {
		_, _, err := outbox.Release(t.Context(), tx, batch[0].Token, ids(batch[:2]))
		return err
	})
	held, err := s.compose(t.Context(), batch)
	if err != nil || len(held) != 1 || held[0].ID != batch[2].ID {
		t.Fatal(held, err)
	}
	if n := openFiles(t, s.TempDir); n != 1 {
		t.Errorf("%d files are open for one letter", n)
	}
	closeAll(held)
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
