package web

import (
	"net/http"
	"strings"

	"frontdesk/internal/ticket"
)

// widthCookie is what a page's script noted of the width it is looked at, "narrow" or "wide". It is no secret and no setting: each device has its
// own.
const widthCookie = "frontdesk-width"

// narrow tells whether a page is made for a phone: it begins with other tickets, and its newest event stands first, in the order of the document
// and not only to the eye. What the script noted decides; before the first page, and without scripts, what the browser says of itself.
func narrow(r *http.Request) bool {
	if c, err := r.Cookie(widthCookie); err == nil {
		return c.Value == "narrow"
	}
	if mobile := r.Header.Get("Sec-CH-UA-Mobile"); mobile != "" {
		return mobile == "?1"
	}
	return strings.Contains(r.UserAgent(), "Mobi")
}

// firstView is the list a reader begins with: at a desk what waits in their queues, on a phone what is theirs to do (PRODUCT V2).
func firstView(r *http.Request) string {
	if narrow(r) {
		return string(ticket.Todo)
	}
	return string(ticket.MyQueues)
}
