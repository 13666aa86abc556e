package web

import (
	"strings"

	"frontdesk/internal/export"
	"frontdesk/internal/text"
	"frontdesk/templates/href"
	"frontdesk/templates/layout"
	"frontdesk/templates/ticketview"
	"frontdesk/templates/ui"
)

func (rd reader) exportsView(list []export.Export) ticketview.Exports {
	v := ticketview.Exports{Empty: ui.Empty{Icon: "file-down", Title: rd.l.T(text.ExportEmpty), Text: rd.l.T(text.ExportEmptyText), Action: rd.l.T(text.ExportEmptyGo), Href: href.TicketList}}
	var said []string
	for _, e := range list {
		x := rd.exported(e)
		v.Items = append(v.Items, x)
		v.Unfinished = v.Unfinished || e.Unfinished()
		if x.Total != "" {
			said = append(said, rd.l.T(text.ExportQuarter, "name", e.Name, "percent", quarter(e.Done, *e.Total)))
		}
	}
	v.Said = strings.Join(said, ". ")
	return v
}

// exported is one export: what became of it, and what can be done with it.
func (rd reader) exported(e export.Export) ticketview.Export {
	x := ticketview.Export{ID: dec(e.ID), Name: e.Name, List: href.List{View: e.View, Query: e.Query, Order: e.Order}.Href(), Kind: string(e.State),
		Asked: rd.l.T(text.ExportAsked, "time", rd.l.Moment(e.AskedAt, rd.now).Short), Label: rd.l.T(text.ExportProgressOf, "name", e.Name)}
	if !e.Unfinished() {
		x.Told, x.Retry = endOf(e), href.ExportRetry(e.ID)
	}
	switch {
	case e.State == export.Waiting:
		x.Text, x.Done, x.Cancel = rd.l.T(text.ExportWaiting), "0", href.ExportCancel(e.ID)
	case e.State == export.Running && e.Total == nil:
		x.Text, x.Done, x.Cancel = rd.l.T(text.ExportLooking), "0", href.ExportCancel(e.ID)
	case e.State == export.Running:
		x.Text = rd.l.T(text.ExportProgress, "done", rd.l.Number(e.Done), "total", rd.l.Number(*e.Total))
		x.Done, x.Total, x.Cancel = dec(e.Done), dec(max(*e.Total, 1)), href.ExportCancel(e.ID)
	case e.Gone(rd.now):
		x.Kind, x.Text = string(export.Expired), rd.l.T(text.ExportExpired)
	case e.State == export.Ready && e.Withheld(rd.me):
		x.Kind, x.Text, x.Drop = "withheld", rd.l.T(text.ExportWithheld), href.ExportCancel(e.ID)
	case e.State == export.Ready:
		x.Text, x.File, x.Drop, x.Retry = rd.l.T(text.ExportReady), href.ExportFile(e.ID), href.ExportCancel(e.ID), ""
		x.Note = rd.l.N(text.ExportCount, int(e.Done)) + " · " + rd.l.Size(e.Size) + " · " + rd.l.T(text.ExportUntil, "time", rd.l.Moment(e.Until(), rd.now).Short)
	case e.State == export.Failed && e.Reason == export.Rights:
		x.Text = rd.l.T(text.ExportFailedRights)
	case e.State == export.Failed:
		x.Text = rd.l.T(text.ExportFailed)
	default:
		x.Text = rd.l.T(text.ExportCancelled)
	}
	return x
}

// quarter is how far something is, in steps that are worth interrupting somebody for: 0, 25, 50, 75.
func quarter(done, total int64) int64 { return done * 4 / max(total, 1) * 25 }

// endOf names the end of an export: the same one made anew ends anew.
func endOf(e export.Export) string {
	if e.FinishedAt == nil {
		return ""
	}
	return dec(e.ID) + "-" + dec(e.FinishedAt.Unix())
}

// exportToast tells on another page that an export has ended; nothing where its agent has ended it.
func (rd reader) exportToast(e export.Export) []layout.Toast {
	t := layout.Toast{Href: href.Exports, Go: rd.l.T(text.ExportToastGo), News: endOf(e)}
	switch e.State {
	case export.Ready:
		t.Text = rd.l.T(text.ExportToastReady, "name", e.Name)
	case export.Failed:
		t.Kind, t.Text = "bad", rd.l.T(text.ExportToastFailed, "name", e.Name)
	default:
		return nil
	}
	return []layout.Toast{t}
}
