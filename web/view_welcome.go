package web

import "frontdesk/templates/ticketview"

// welcome is what a list says to a newcomer; nil to who has read it.
func (rd reader) welcome(here string) *ticketview.Welcome {
	if rd.me.Welcomed {
		return nil
	}
	return &ticketview.Welcome{Narrow: rd.narrow, Next: here}
}
