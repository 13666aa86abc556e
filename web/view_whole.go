package web

import (
	"slices"

	"frontdesk/internal/agent"
	"frontdesk/internal/inbound"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// whole says how it stands with a mail of which only the header was taken; nil for every other message.
func (rd reader) whole(m ticket.Message) *ticketview.Whole {
	if !slices.Contains(m.Flags, inbound.Oversize) {
		return nil
	}
	w := m.Whole
	if w == nil {
		w = &ticket.Whole{}
	}
	v := &ticketview.Whole{State: w.State}
	switch w.State {
	case "fetched":
		v.Notice = ui.Notice{Kind: "good", Title: rd.wholeT(m, text.WholeFetchedTitle), Text: rd.wholeT(m, text.WholeFetched)}
		v.Source = href.MessageSource(m.ID)
	case "fetching":
		v.Notice = ui.Notice{Title: rd.wholeT(m, text.WholeFetchingTitle), Text: rd.wholeT(m, text.WholeFetching)}
	case "failed":
		v.Notice = ui.Notice{Kind: "bad", Title: rd.wholeT(m, text.WholeFailedTitle), Text: rd.wholeT(m, text.Key("whole.reason_"+w.Reason))}
		rd.wholeButton(v, m, text.WholeAgain)
	case "waiting":
		v.Notice = ui.Notice{Title: rd.wholeT(m, text.WholeTitle), Text: rd.wholeT(m, text.WholeText) + " " + rd.wholeWaits(m)}
		if w.Reason != "" && w.TryAt.After(rd.now) && !w.Off {
			v.Notice.Kind = "warn"
			rd.wholeButton(v, m, text.WholeTryNow)
		}
	default:
		v.Notice = ui.Notice{Kind: "warn", Title: rd.wholeT(m, text.WholeTitle), Text: rd.wholeT(m, text.WholeText)}
		if m.Size > inbound.WholeLimit {
			v.Notice.Text += " " + rd.l.T(text.WholeTooLarge, "limit", rd.l.Size(inbound.WholeLimit))
		} else {
			rd.wholeButton(v, m, text.WholeFetch)
		}
	}
	return v
}

// wholeWaits says what a wish waits for.
func (rd reader) wholeWaits(m ticket.Message) string {
	w := m.Whole
	switch {
	case w.Off:
		return rd.l.T(text.WholeOff)
	case w.Reason != "" && w.TryAt.After(rd.now):
		why := rd.wholeT(m, text.Key("whole.reason_"+w.Reason))
		return rd.l.T(text.WholeRests, "why", why, "at", rd.l.Moment(w.TryAt, rd.now).Short)
	case w.Trouble:
		return rd.l.T(text.WholeTrouble)
	}
	return rd.l.T(text.WholeWaiting)
}

func (rd reader) wholeButton(v *ticketview.Whole, m ticket.Message, words text.Key) {
	if rd.me.Can(agent.TicketWrite) {
		v.Fetch, v.Button = href.MessageFetch(m.ID), rd.l.T(words)
	}
}

// wholeT is a sentence about such a mail.
func (rd reader) wholeT(m ticket.Message, key text.Key) string {
	got, at := int64(0), ""
	if w := m.Whole; w != nil {
		got = min(w.Got, m.Size) // a server may have announced less than it sends
		if w.SettledAt != nil {
			at = rd.l.Moment(*w.SettledAt, rd.now).Short
		}
	}
	return rd.l.T(key, "size", rd.l.Size(m.Size), "got", rd.l.Size(got), "at", at, "folder", m.Folder, "mailbox", m.Mailbox)
}
