package web

import (
	"slices"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/text"
	"frontdesk/internal/ticket"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

// pick is what a list needs to have several of its tickets chosen.
func (rd reader) pick(l listing) ticketview.Pick {
	return ticketview.Pick{Action: href.Bulk, List: l.spelled(), AsOf: dec(rd.now.UnixMicro()), Next: l.here().Href()}
}

// bulkTools are the menus; whole is how many tickets the list has, one more than a deed takes for more.
func (rd reader) bulkTools(d *desk.Directory, whole int) ticketview.BulkTools {
	o := rd.offerForMany(d)
	v := ticketview.BulkTools{Assignee: o.assignee, Status: o.status, Queue: o.queue, Priority: o.priority, Category: o.category,
		Add: ui.Tags{Field: "add_tags", Label: rd.l.T(text.BulkAddTags)}, Drop: ui.Tags{Field: "drop_tags", Label: rd.l.T(text.BulkDropTags)},
		Postpone: rd.postpone(), Delete: rd.me.Can(agent.TicketDelete), Count: min(whole, ticket.BulkMost), Whole: rd.l.N(text.BulkWhole, whole)}
	v.Category.Options[0].Name = rd.l.T(text.BulkNoCategory)
	if whole > ticket.BulkMost {
		v.Whole = rd.l.T(text.BulkWholeCapped, "count", rd.l.Number(ticket.BulkMost))
	}
	return v
}

// doneNames are the sentences of the deeds; an empty target has one of its own.
var doneNames = map[string]text.Key{"status": text.BulkDoneStatus, "queue": text.BulkDoneQueue, "priority": text.BulkDonePriority, "assignee": text.BulkDoneAssignee,
	"category": text.BulkDoneCategory, "tag": text.BulkDoneTag, "until": text.BulkDoneUntil, "observe": text.BulkDoneObserve, "unobserve": text.BulkDoneUnobserve,
	"star": text.BulkDoneStar, "unstar": text.BulkDoneUnstar, "delete": text.BulkDoneDelete}

// bulkToast is the line that tells what became of a deed to many, with its undo.
func (rd reader) bulkToast(d ticket.Done) layout.Toast {
	if d.Undone != nil && d.Undone.Done == 0 {
		return layout.Toast{Text: rd.tally(rd.l.T(text.BulkDoneNone), *d.Undone)}
	}
	if d.Undone != nil {
		return layout.Toast{Text: rd.tally(rd.l.N(text.BulkUndoneLine, d.Undone.Done), *d.Undone)}
	}
	key := doneNames[d.Deed]
	switch {
	case d.Target == "" && d.Deed == "assignee":
		key = text.BulkDoneUnassigned
	case d.Target == "" && d.Deed == "category":
		key = text.BulkDoneUncategorised
	}
	if d.Tally.Done == 0 {
		return layout.Toast{Text: rd.tally(rd.l.T(text.BulkDoneNone), d.Tally)}
	}
	return layout.Toast{Text: rd.tally(rd.l.N(key, d.Tally.Done, "name", rd.called(d.Deed, d.Target)), d.Tally), Undo: href.BulkUndoing(d.ID)}
}

// tally adds what was left as it was, and what became of letters.
func (rd reader) tally(line string, t event.Tally) string {
	for _, left := range []struct {
		n   int
		key text.Key
	}{{t.Same, text.BulkLeftSame}, {t.Closed, text.BulkLeftClosed}, {t.Merged, text.BulkLeftMerged}, {t.Full, text.BulkLeftFull}, {t.NoAccess, text.BulkLeftNoAccess},
		{t.Changed, text.BulkLeftChanged}, {t.Missing, text.BulkLeftMissing}, {t.Kept, text.BulkLettersKept}, {t.Waiting, text.BulkLettersWaiting}} {
		if left.n > 0 {
			line += ", " + rd.l.N(left.key, left.n)
		}
	}
	return line
}

// without is names without those in rest, whatever the case.
func without(names, rest []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return slices.ContainsFunc(rest, func(r string) bool { return strings.EqualFold(n, r) })
	})
}
