package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/outbox"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
)

// scheduledBeyond sets a letter that waits for its undo time apart from one that was scheduled.
const scheduledBeyond = time.Hour

// outgoing is a letter: who wrote it, to whom, and what became of it.
func (rd reader) outgoing(c ticket.Card, m ticket.Message, e *ticketview.Event) {
	e.Who = cmp.Or(m.Author, rd.l.T(text.NameSystem))
	e.Avatar = agentAvatar(deref(m.AuthorID), e.Who)
	e.Did = rd.l.T(text.TalkToCustomer)
	e.Envelope = rd.l.T(text.TalkFromTo, "from", m.FromAddress, "to", strings.Join(m.ToList, ", "))
	if len(m.CcList) > 0 {
		e.Envelope += " · " + rd.l.T(text.TalkCc, "cc", strings.Join(m.CcList, ", "))
	}
	if i := slices.IndexFunc(c.Deliveries, func(d outbox.Delivery) bool { return d.MessageID == m.ID }); i >= 0 {
		rd.delivery(c.Deliveries[i], e)
	}
}

// delivery says where a letter is on its way, in the words a person reads: leased and dot are both "sending".
func (rd reader) delivery(d outbox.Delivery, e *ticketview.Event) {
	at := rd.l.Exact(d.SendAfter, rd.now).Short
	switch d.State {
	case outbox.Queued:
		e.Pending, e.State = rd.pending(d), "queued"
		switch {
		case d.Attempts > 0:
			e.Did = rd.l.T(text.TalkRetriedAt, "at", at)
		case d.SendAfter.Sub(d.CreatedAt) > scheduledBeyond:
			e.State, e.Did = "scheduled", rd.l.T(text.TalkScheduledFor, "at", rd.l.Moment(d.SendAfter, rd.now).Short)
		default:
			e.Did = rd.l.T(text.TalkLeavesAt, "at", at)
		}
	case outbox.Leased, outbox.Dot:
		e.State, e.Did = "sending", rd.l.T(text.TalkSending)
	case outbox.Cancelled:
		e.State, e.Did = "cancelled", rd.l.T(text.TalkCancelled)
	case outbox.Failed:
		e.State, e.Did = "failed", rd.l.T(text.TalkNotDelivered)
	case outbox.Uncertain:
		e.State, e.Did = "uncertain", rd.l.T(text.LetterUncertain)
	case outbox.Sent:
		if slices.ContainsFunc(d.Recipients, undelivered) {
			e.Did = text.Plain(rd.l.T(text.LetterPartlyTitle))
		}
	}
	e.Failure = rd.failure(d)
}

func (rd reader) pending(d outbox.Delivery) *ticketview.Pending {
	key, at := text.LetterLeaves, rd.l.Exact(d.SendAfter, rd.now).Short
	if d.UnlessAnswered {
		key = text.LetterLeavesUnless
	}
	p := &ticketview.Pending{Text: rd.l.T(key, "time", at)}
	if rd.me.Can(agent.TicketWrite) && d.Cancellable() {
		p.Cancel = href.Cancel(d.ID)
		if d.SendAfter.Sub(rd.now) > 5*time.Second {
			p.SendNow = href.SendNow(d.ID)
		}
	}
	return p
}

func undelivered(r outbox.Recipient) bool { return r.State == outbox.Refused || r.Bounced != "" }

// failure is the sending error of a letter, nil when there is none (PRODUCT S4).
func (rd reader) failure(d outbox.Delivery) *ticketview.Failure {
	f := &ticketview.Failure{}
	say := func(state string, title, words text.Key) {
		f.State, f.Title, f.Text = state, rd.l.T(title), rd.l.T(words, "time", rd.l.Moment(d.SendAfter, rd.now).Short)
	}
	switch {
	case d.GaveUp():
		say("failed", text.LetterFailedTitle, text.TalkGaveUpText)
	case d.State == outbox.Failed:
		say("failed", text.LetterFailedTitle, text.LetterFailedText)
	case d.State == outbox.Uncertain && d.Restored:
		say("uncertain", text.LetterUncertainTitle, text.LetterRestoredText)
	case d.State == outbox.Uncertain:
		say("uncertain", text.LetterUncertainTitle, text.LetterUncertainText)
	case d.State == outbox.Sent && slices.ContainsFunc(d.Recipients, func(r outbox.Recipient) bool { return r.Bounced != "" }):
		say("refused", text.LetterBouncedTitle, text.TalkBouncedText)
	case d.State == outbox.Sent && slices.ContainsFunc(d.Recipients, undelivered):
		say("refused", text.LetterPartlyTitle, text.LetterPartlyText)
	case d.State == outbox.Queued && d.Attempts > 0:
		say("deferred", text.LetterDeferredTitle, text.LetterDeferredText)
	default:
		return nil
	}
	if d.TooLarge() {
		f.Text += " " + rd.l.T(text.LetterTooLargeText)
	}
	if d.Twice {
		f.Text += " " + rd.l.T(text.TalkTwice)
	}
	if d.SettledAt != nil {
		f.When = rd.l.Moment(*d.SettledAt, rd.now)
	}
	f.Recipients = rd.recipients(d.Recipients)
	if d.Text != "" && !slices.ContainsFunc(f.Recipients, func(r ticketview.Recipient) bool { return r.Answer != "" }) {
		f.Text += " " + d.Text
	}
	if rd.me.Can(agent.TicketWrite) {
		switch {
		case d.State == outbox.Uncertain:
			f.Retry, f.RetryText = href.Retry(d.ID), rd.l.T(text.CardRetryDoubt)
		case d.Retryable():
			f.Retry, f.RetryText = href.Retry(d.ID), rd.l.T(text.CardRetry)
		}
		if d.Trouble {
			f.Settle = href.Settle(d.ID)
		}
	}
	return f
}

func (rd reader) recipients(to []outbox.Recipient) []ticketview.Recipient {
	var out []ticketview.Recipient
	for _, r := range to {
		v := ticketview.Recipient{Address: r.Address, Kind: rd.l.T(text.CardTo), Answer: r.Text}
		if r.Kind == "cc" {
			v.Kind = rd.l.T(text.CardCc)
		}
		switch {
		case r.Bounced != "":
			v.State, v.Text = "bad", rd.l.T(text.TalkCameBack, "status", r.Bounced)
		case r.State == outbox.Accepted:
			v.State, v.Text = "good", rd.l.T(text.LetterToAccepted)
		case r.State == outbox.Refused:
			v.State, v.Text = "bad", rd.l.T(text.LetterToRefused)
		case r.State == outbox.Deferred:
			v.State, v.Text = "warn", rd.l.T(text.LetterToDeferred)
		default:
			v.Text = rd.l.T(text.LetterToPending)
		}
		out = append(out, v)
	}
	return out
}
