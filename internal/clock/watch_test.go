package clock

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/fixture"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

func TestAnAlarmIsWrittenIntoTheLogOnceWhenItBeginsAndOnceWhenItEnds(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	var log bytes.Buffer
	process := func() *watching { return &watching{db: d.DB, log: slog.New(slog.NewTextHandler(&log, nil))} }
	one, two := process(), process()
	looks := func(want ...string) {
		t.Helper()
		log.Reset()
		for _, w := range []*watching{one, two, one} {
			if _, err := w.once(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(want) == 0 && lines[0] == "" {
			return
		}
		if len(lines) != 1 || len(want) == 0 {
			t.Fatalf("the log says\n%s", log.String())
		}
		for _, part := range want {
			if !strings.Contains(lines[0], part) {
				t.Errorf("the log lacks %q: %s", part, lines[0])
			}
		}
	}
	d.Clock.Advance(time.Hour) // nothing ran meanwhile: the mailboxes get a moment
	looks()
	d.Clock.Advance(catchUp + time.Second)
	looks("level=WARN", "msg=alarm", "kind=late", "mailbox=Support", "no mail has been fetched for 1 h")
	looks()
	d.Tx(func(tx *pg.Tx) error { return mailbox.Worked(t.Context(), tx, d.Mailbox) })
	looks("level=INFO", `msg="alarm is over"`, "kind=late", "mailbox=Support")
	looks()
}
