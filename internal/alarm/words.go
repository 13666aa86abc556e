package alarm

import (
	"time"

	"frontdesk/internal/text"
)

// Words say what is out of order and what to do about it, in the reader's language, for pages, doctor and the log alike.
func (a Alarm) Words(l *text.Local, now time.Time) (what, do string) {
	n := int(a.N)
	switch a.Kind {
	case Disk:
		return l.T(text.AlarmDisk, "machine", a.Machine, "free", text.Bytes(a.N), "size", text.Bytes(a.Of), "place", a.Place), l.T(text.AlarmDiskDo)
	case Late:
		do = l.T(text.AlarmLateDo, "every", l.Duration(time.Duration(a.Of)*time.Second))
		return l.T(text.AlarmLate, "mailbox", a.Mailbox, "for", l.Duration(now.Sub(a.Since))), a.after(l, do)
	case Unsent:
		return l.N(text.AlarmUnsent, n, "mailbox", a.Mailbox, "for", l.Duration(now.Sub(a.Since))), a.after(l, l.T(text.AlarmUnsentDo))
	case Uncopied:
		return l.N(text.AlarmUncopied, n, "mailbox", a.Mailbox), l.T(text.AlarmUncopiedDo)
	case Clock:
		key, by := text.AlarmClockAhead, time.Duration(a.N)*time.Millisecond
		if by < 0 {
			key = text.AlarmClockBehind
		}
		return l.T(key, "machine", a.Machine, "by", l.Duration(by)), l.T(text.AlarmClockDo)
	case Missed:
		return l.N(text.AlarmMissed, n, "mailbox", a.Mailbox, "folder", a.Place), l.T(text.AlarmMissedDo)
	case Withheld:
		return l.N(text.AlarmWithheld, n, "mailbox", a.Mailbox, "folder", a.Place), l.T(text.AlarmWithheldDo, "said", a.Said)
	case Unmarked:
		return l.N(text.AlarmUnmarked, n, "mailbox", a.Mailbox, "folder", a.Place), l.T(text.AlarmUnmarkedDo, "said", a.Said)
	case Quarantine:
		return l.N(text.AlarmQuarantine, n, "mailbox", a.Mailbox), l.T(text.AlarmQuarantineDo)
	default:
		return l.T(text.AlarmRenumbered, "mailbox", a.Mailbox, "folder", a.Place), l.T(text.AlarmRenumberedDo)
	}
}

// after puts the last error before what to do.
func (a Alarm) after(l *text.Local, do string) string {
	if a.Said == "" {
		return do
	}
	return l.T(text.AlarmSaid, "error", a.Said) + ". " + do
}
