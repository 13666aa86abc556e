package ticketview

import "frontdesk/templates/ui"

// Exports are the lists that one agent has had made into files.
type Exports struct {
	Items      []Export
	Empty      ui.Empty
	Unfinished bool
	Said       string // how far they are, in steps that are worth saying aloud
}

// Export is one of them, in screen order.
type Export struct {
	ID     string
	Name   string
	List   string // the list it is of
	Asked  string // "asked for 10:41"
	Kind   string // its state: waiting, running, ready, failed, cancelled, expired, withheld
	Text   string // "40,000 of 120,000 tickets", "Ready", what went wrong
	Note   string // "120,000 tickets · 14 MB · can be downloaded until …"
	Told   string // names its end, so that no other page tells it again; "" while it is unfinished
	Done   string // of the progress bar; "" for none
	Total  string // "" as long as it is not known
	Label  string // of the progress bar
	File   string // href.ExportFile
	Cancel string
	Drop   string // the same, of a file that is there
	Retry  string
}

// icon stands beside its text.
func (e Export) icon() string {
	switch e.Kind {
	case "ready":
		return "circle-check"
	case "failed":
		return "circle-alert"
	case "withheld":
		return "lock"
	case "cancelled", "expired":
		return "ban"
	}
	return "hourglass"
}
