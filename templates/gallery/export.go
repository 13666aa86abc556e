package gallery

import (
	"frontdesk/internal/text"
	"frontdesk/templates/ticketview"
)

// exports is a file in every state.
func exports(l *text.Local) ticketview.Exports {
	asked := func(day, hour, minute int) string {
		return l.T(text.ExportAsked, "time", at(l, day, hour, minute).Short)
	}
	all, late := l.T(text.ViewAll), l.T(text.ViewAll)+" · is:late queue:Returns older:2d"
	return ticketview.Exports{Unfinished: true, Items: []ticketview.Export{
		{ID: "9", Name: late, List: "/tickets?view=all", Asked: asked(20, 10, 46), Kind: "waiting", Text: l.T(text.ExportWaiting), Done: "0", Label: l.T(text.ExportProgressOf, "name", late), Cancel: "/exports/9/cancellation"},
		{ID: "8", Name: all, List: "/tickets?view=all", Asked: asked(20, 10, 45), Kind: "running", Text: l.T(text.ExportProgress, "done", l.Number(182500), "total", l.Number(412377)), Done: "182500", Total: "412377",
			Label: l.T(text.ExportProgressOf, "name", all), Cancel: "/exports/8/cancellation"},
		{ID: "7", Name: l.T(text.ViewClosed), List: "/tickets?view=closed", Asked: asked(20, 9, 2), Kind: "ready", Text: l.T(text.ExportReady), Told: "7-1",
			Note: l.N(text.ExportCount, 48210) + " · " + l.Size(11_400_000) + " · " + l.T(text.ExportUntil, "time", at(l, 21, 9, 3).Short), File: "/exports/7/file", Drop: "/exports/7/cancellation"},
		{ID: "6", Name: all + " · tag:vip", List: "/tickets?view=all", Asked: asked(19, 16, 40), Kind: "failed", Text: l.T(text.ExportFailed), Told: "6-1", Retry: "/exports/6/retry"},
		{ID: "5", Name: all + " · queue:Returns", List: "/tickets?view=all", Asked: asked(19, 16, 12), Kind: "withheld", Text: l.T(text.ExportWithheld), Told: "5-1", Retry: "/exports/5/retry", Drop: "/exports/5/cancellation"},
		{ID: "4", Name: all, List: "/tickets?view=all", Asked: asked(18, 8, 5), Kind: "expired", Text: l.T(text.ExportExpired), Told: "4-1", Retry: "/exports/4/retry"},
	}}
}
