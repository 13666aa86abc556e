package web

import (
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// morning is when a day begins for who postpones something to it, evening the last hour of today that is still offered.
const (
	morning = 8
	evening = 18
)

// postpone offers times in the reader's zone: later today while there is a later, tomorrow, Monday, in a week.
func (rd reader) postpone() ticketview.Postpone {
	now := rd.now.In(rd.l.Zone())
	day := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, morning, 0, 0, 0, now.Location())
	}
	v := ticketview.Postpone{At: ui.Field{Value: rd.l.Field(day(1))}, AtMin: rd.l.Field(now), AtMax: rd.l.Field(now.Add(ticket.MaxPostpone))}
	add := func(name text.Key, at time.Time) {
		v.Choices = append(v.Choices, ticketview.PostponeChoice{Value: dec(at.Unix()), Name: rd.l.T(name), When: rd.l.Moment(at, rd.now).Short})
	}
	if later := time.Date(now.Year(), now.Month(), now.Day(), now.Hour()+3, 0, 0, 0, now.Location()); later.Day() == now.Day() && later.Hour() <= evening {
		add(text.PostponeToday, later)
	}
	add(text.PostponeTomorrow, day(1))
	if monday := (8 - int(now.Weekday())) % 7; monday > 1 {
		add(text.PostponeMonday, day(monday))
	}
	add(text.PostponeWeek, day(7))
	return v
}

// deeds are the star, the eye and the menu of a card.
func (rd reader) deeds(t ticket.Head, from listing) ticketview.Deeds {
	d := ticketview.Deeds{Star: href.Star(t.ID), Starred: t.Starred, Observe: href.Observation(t.ID), Observed: t.Observed, From: from.here().String()}
	if rd.me.Can(agent.TicketWrite) && t.MergedInto == nil {
		d.Postpone = rd.postpone()
		d.Postpone.Action, d.Postpone.StatusWas, d.Postpone.UntilWas = href.Postponement(t.ID), dec(t.StatusID), "0"
		if t.Until != nil {
			d.Postpone.UntilWas = dec(t.Until.Unix())
		}
	}
	if t.Kind == "postponed" && rd.me.Can(agent.TicketWrite) {
		d.Wake, d.Asleep = href.Waking(t.ID), rd.asleep(t.Until)
	}
	if rd.me.Can(agent.TicketDelete) {
		d.Delete = href.Deletion(t.ID)
	}
	return d
}

// asleep says until when a ticket is postponed.
func (rd reader) asleep(until *time.Time) string {
	if until == nil {
		return rd.l.T(text.PostponeAsleepOpen)
	}
	return rd.l.T(text.PostponeAsleep, "time", rd.l.Moment(*until, rd.now).Short)
}
