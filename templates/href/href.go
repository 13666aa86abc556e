// Package href is the address book: every path the product answers, made in one place.
//
// Plain forms only know GET and POST, so an action is a POST to a resource named after the deed. A GET
// never changes a state. A request with the header HX-Request: true gets the fragments of the same page
// (ticketview.ListFragment for ListPage, and so on); the answer carries Vary: HX-Request.
// A POST answers 303 to the page it belongs to (fetch follows it and keeps HX-Request), 422 with the form
// as typed, 409 with the form and what is new, else an error page.
//
//	method  path                              form fields                                    answers
//	GET     /                                                                                303 to /tickets
//	GET     /sign-in                          ?next= ?lang=                                  authview.SignInPage
//	POST    /sign-in                          email password next lang                       303 next, 422, 429
//	POST    /sign-out                                                                        303 /sign-in
//	GET     /set-up                           ?lang=                                         authview.SetUpPage; 404 once a user exists
//	POST    /set-up                           token name email password lang                 303 /tickets, 422
//	POST    /me/settings                      language theme density layout keys(on|off) welcomed next   303 next (only the fields sent change)
//	GET     /me/columns                       ?list=                                         ticketview.ColumnsPage
//	POST    /me/columns                       order… show… density list up|down|usual        303 to the list; up and down: 303 to /me/columns
//	GET     /tickets                          ?view= ?q= ?order= ?after|before|start= ?open=   ticketview.ListPage; ?pages=3 at once; with ?field= ?not= ?value= ?at=
//	                                                                                         303 to the list with that term
//	GET     /tickets/filter                   the same, ?field= ?at=                         the same page with a term to choose
//	POST    /views                            name shared list                               303 /tickets?view=s{view}, 422
//	POST    /views/{view}                     name shared list                               303 the same, 422
//	POST    /views/{view}/removal                                                            303 /tickets
//	POST    /tickets/next                                                                    303 to the ticket that was taken, else to:
//	GET     /tickets/next                                                                    ticketview.NothingNextPage
//	GET     /tickets/{ticket}                 ?compose=reply|comment ?answer= ?before=       ticketview.CardPage; with ?preview=1 the fragment is ticketview.PreviewFragment
//	GET     /tickets/{ticket}/next|previous   ?from=                                         303 to its neighbour in that list
//	POST    /tickets/{ticket}/replies         to cc text answer + Save + Send                303 /tickets/{ticket}#m{message}, 422, 409
//	POST    /tickets/{ticket}/comments        text + Save                                    303 /tickets/{ticket}#m{message}, 422, 409
//	POST    /tickets/{ticket}/changes         Change | subject, version                      303 /tickets/{ticket}, 422, 409
//	POST    /tickets/{ticket}/star            on(1|0)                                        303 /tickets/{ticket}
//	POST    /tickets/{ticket}/observation     on(1|0)                                        303 /tickets/{ticket}
//	POST    /tickets/{ticket}/postponement    until(seconds|at) until_at status_was until_was 303 /tickets/{ticket}, 422, 409
//	POST    /tickets/{ticket}/waking                                                         303 /tickets/{ticket}
//	POST    /tickets/{ticket}/deletion        from                                           303 to the list it came from
//	POST    /tickets/{ticket}/restoration                                                    303 /tickets/{ticket}
//	GET     /tickets/bulk                     ?list= ?ticket=…                               ticketview.BulkPage; its fragment is the menus
//	POST    /tickets/bulk                     ticket…|all=1 list as_of next + one deed       303 next, 422
//	POST    /bulk/{id}/undoing                                                               303 /tickets
//	GET     /tags                             ?q= ?has=                                      ui.TagOptions
//	POST    /tickets/{ticket}/seen            message                                        204
//	POST    /tickets/{ticket}/drafts/{kind}   text to cc + Save + Send                       200 {"saved":"10:46:31"} with Accept: application/json, else 303
//	POST    /tickets/{ticket}/drafts/{kind}/removal                                          303 /tickets/{ticket}
//	POST    /tickets/{ticket}/drafts/{kind}/files upload                                     200 ticketview.DraftFileItem, 422 in words
//	GET     /tickets/{ticket}/drafts/{kind}/files/{id}                                       the file as a download
//	POST    /tickets/{ticket}/drafts/{kind}/files/{id}/removal                               204 with Accept: application/json, else 303
//	GET     /messages/{message}                                                              ticketview.MessagePage (C17)
//	GET     /messages/{message}/body          ?pictures=1                                    the frame (DECISIONS, Message frame)
//	GET     /messages/{message}/source                                                       message/rfc822 as a download; ticketview.HeldPage, 403 while a file is held
//	POST    /messages/{message}/source                                                       the same as a download, whatever was found in it
//	POST    /messages/{message}/fetch                                                        303; a mail that was too large is wanted whole
//	GET     /messages/{message}/parts/{cid}                                                  an inline picture
//	GET     /attachments/{id}/{name}                                                         the file as a download; ticketview.HeldPage, 403 while it is held
//	POST    /attachments/{id}/{name}                                                         the same as a download, whatever was found in it
//	POST    /outbox/{id}/cancellation                                                        303 /tickets/{ticket}?compose=reply, 409 too late
//	POST    /outbox/{id}/departure                                                           303; send now
//	POST    /outbox/{id}/retry                                                               303; same bytes, same Message-ID
//	POST    /outbox/{id}/settlement                                                          303; the sending error is settled
//	GET     /undelivered                      ?before=                                            ticketview.UndeliveredPage
//	GET     /inbound/{id}/source                                                             raw bytes of an unmatched bounce
//	POST    /inbound/{id}/settlement                                                         303 /undelivered
//	GET     /admin/quarantine                                                                adminview.QuarantinePage
//	GET     /admin/quarantine/{id}                                                           the same with this one open
//	GET     /admin/quarantine/{id}/source                                                    raw bytes as a download
//	POST    /admin/quarantine/{id}/retry|plain|discard                                       303 /admin/quarantine
//	POST    /admin/quarantine/missed/{mailbox}                                               303 /admin/reconcile; what others have read first is fetched
//	POST    /admin/quarantine/retry                                                          303; every one is tried again
//	GET     /admin/reconcile                                                                 adminview.ReconcilePage
//	POST    /admin/reconcile/{mailbox}/acknowledgement                                       303 /admin/reconcile; that its mails have new numbers is known
//	GET     /exports                                                                         ticketview.ExportsPage
//	POST    /exports                          list                                           text/csv as a download; of more than 10,000 tickets 303 /exports, 422
//	GET     /exports/news                                                                    layout.ToastFragment: what has ended of late
//	GET     /exports/{id}/file                                                               text/csv as a download
//	POST    /exports/{id}/cancellation                                                       303 /exports, 409
//	POST    /exports/{id}/retry                                                              303 /exports, 409
//	GET     /counters                         ?here= ?rail=                                  layout.CountersFragment, for a ring
//	GET     /palette                          ?q=                                            layout.PaletteFragment: tickets and customers that fit
//	GET     /live                                                                            text/event-stream, see Live
//	GET     /static/{hash}/…                                                                 package static
//
// Save: form_key, version, and Change with an empty value meaning "leave it".
// The forms of a letter and a comment may be multipart, with files in upload; file names those of the draft that go along, shown those the form showed.
// A deed to many: status queue priority assignee category (ids), tags with add_tags and drop_tags, observe star (1|0), until, delete.
// Change: status queue assignee category priority (ids; "none" takes assignee or category away), tags (names, by commas; in Save: to add). The details form sends
// beside each field the value it showed as status_was, queue_was, …: only a field that differs from its _was is a change.
// Send: delay = 0 | 30 | 300 | 3600 | at (seconds, or the moment in send_at, "2026-11-23T08:00" in the
// agent's zone), unless_customer_writes = 1.
package href

import (
	"net/url"
	"strconv"
	"strings"
)

// The pages and actions that need no number.
const (
	Home           = "/"
	SignIn         = "/sign-in"
	SignOut        = "/sign-out"
	SetUp          = "/set-up"
	Settings       = "/me/settings"
	Columns        = "/me/columns"
	TicketList     = "/tickets"
	Next           = "/tickets/next"
	Counters       = "/counters"
	Bulk           = "/tickets/bulk"
	Tags           = "/tags"
	Palette        = "/palette"
	Exports        = "/exports"
	ExportNews     = "/exports/news"
	Undelivered    = "/undelivered"
	Quarantine     = "/admin/quarantine"
	QuarantineAll  = "/admin/quarantine/retry"
	Reconcile      = "/admin/reconcile"
	Gallery        = "/gallery" // every component and page with made-up content; in the demo and in tests alone
	StaticRoot     = "/static/"
	ComposeReply   = "reply"   // kinds of draft and of ?compose=
	ComposeComment = "comment" // the same
)

// Live is the event stream. Each event is named "ring" and its data is one line of JSON, {"keys":["t:100001"]};
// {"hello":true} comes on connecting. A page asks for itself with HX-Request and Frontdesk-Live: 1, which does not extend the session.
const Live = "/live"

// SignInThen is the sign-in page that leads on to next, a path of ours.
func SignInThen(next string) string {
	if next == "" || next == Home {
		return SignIn
	}
	return SignIn + "?next=" + url.QueryEscape(next)
}

// InLanguage is path, shown in lang; for the pages before anybody has signed in.
func InLanguage(path, lang string) string {
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	return path + mark + "lang=" + url.QueryEscape(lang)
}

// Tickets is the list of a view: mine, unassigned, queues, all, observed, starred, postponed, closed, or s12 for a saved one.
func Tickets(view string) string { return TicketList + "?view=" + url.QueryEscape(view) }

// TicketSearch is the list of everything that fits a query (package filter).
func TicketSearch(query string) string { return Tickets("all") + "&q=" + url.QueryEscape(query) }

// Ticket is the card.
func Ticket(id int64) string { return TicketList + "/" + number(id) }

// TicketBefore is the card with the messages before one of them and, when event is not 0, with what happened before that. Both travel as one word.
func TicketBefore(id, message, event int64) string {
	before := number(message)
	if event != 0 {
		before += "-" + number(event)
	}
	return Ticket(id) + "?before=" + before
}

// TicketFrom is the card, opened from a list (List.String, or the name of a view), so that "back" leads there.
func TicketFrom(id int64, list string) string {
	if list == "" {
		return Ticket(id)
	}
	return Ticket(id) + "?from=" + url.QueryEscape(list)
}

// TicketRow is the card's row in a list that was Href: the list, there.
func TicketRow(list string, id int64) string { return list + "#t" + number(id) }

// Neighbour leads to the card of the ticket after (step next) or before (step previous) one in the list it was opened from.
func Neighbour(id int64, step, list string) string {
	return Ticket(id) + "/" + step + "?from=" + url.QueryEscape(list)
}

// ComposeFrom is Compose of a ticket that was opened from a list.
func ComposeFrom(ticket int64, kind, list string) string {
	if list == "" {
		return Compose(ticket, kind)
	}
	return TicketFrom(ticket, list) + "&compose=" + kind + "#compose"
}

// TicketMessage is the card with the focus on one message.
func TicketMessage(ticket, message int64) string {
	return Ticket(ticket) + "#" + MessageAnchor(message)
}

// MessageAnchor is the id of a message on its card.
func MessageAnchor(message int64) string { return "m" + number(message) }

// Compose is the card with its composer open; kind is ComposeReply or ComposeComment.
func Compose(ticket int64, kind string) string {
	return Ticket(ticket) + "?compose=" + kind + "#compose"
}

// Answer is the card with a reply open that quotes and answers one message.
func Answer(ticket, message int64) string {
	return Ticket(ticket) + "?compose=reply&answer=" + number(message) + "#compose"
}

// The forms of the card.
func Replies(ticket int64) string  { return Ticket(ticket) + "/replies" }
func Comments(ticket int64) string { return Ticket(ticket) + "/comments" }
func Changes(ticket int64) string  { return Ticket(ticket) + "/changes" }
func Seen(ticket int64) string     { return Ticket(ticket) + "/seen" }

// What is done to a ticket without a form.
func Star(ticket int64) string         { return Ticket(ticket) + "/star" }
func Observation(ticket int64) string  { return Ticket(ticket) + "/observation" }
func Postponement(ticket int64) string { return Ticket(ticket) + "/postponement" }
func Waking(ticket int64) string       { return Ticket(ticket) + "/waking" }
func Deletion(ticket int64) string     { return Ticket(ticket) + "/deletion" }
func Restoration(ticket int64) string  { return Ticket(ticket) + "/restoration" }

// BulkUndoing takes a deed to many tickets back.
func BulkUndoing(id int64) string { return "/bulk/" + number(id) + "/undoing" }

// ExportFile is a list as a file, ExportCancel stops its making or throws it away, ExportRetry has it made anew.
func ExportFile(id int64) string   { return Exports + "/" + number(id) + "/file" }
func ExportCancel(id int64) string { return Exports + "/" + number(id) + "/cancellation" }
func ExportRetry(id int64) string  { return Exports + "/" + number(id) + "/retry" }

// Draft is where what is typed is kept; kind is ComposeReply or ComposeComment.
func Draft(ticket int64, kind string) string { return Ticket(ticket) + "/drafts/" + kind }

// DraftFiles takes the files of a draft, DraftFile is one of them, and DraftFileRemoval takes it out.
func DraftFiles(ticket int64, kind string) string { return Draft(ticket, kind) + "/files" }
func DraftFile(ticket int64, kind string, id int64) string {
	return DraftFiles(ticket, kind) + "/" + number(id)
}
func DraftFileRemoval(ticket int64, kind string, id int64) string {
	return DraftFile(ticket, kind, id) + "/removal"
}

// DraftRemoval throws a draft away.
func DraftRemoval(ticket int64, kind string) string { return Draft(ticket, kind) + "/removal" }

// Message is one message's details.
func Message(id int64) string { return "/messages/" + number(id) }

// MessageBody is the frame that shows an HTML message.
func MessageBody(id int64) string { return Message(id) + "/body" }

// MessagePictures is the frame with its remote pictures loaded, this once.
func MessagePictures(id int64) string { return MessageBody(id) + "?pictures=1" }

// MessageSource is the message as it came, to download.
func MessageSource(id int64) string { return Message(id) + "/source" }

// MessageFetch asks for the whole of a mail that was too large to be taken.
func MessageFetch(id int64) string { return Message(id) + "/fetch" }

// MessagePart is an inline picture, named by its Content-ID.
func MessagePart(id int64, cid string) string { return Message(id) + "/parts/" + url.PathEscape(cid) }

// Attachment is a file, to download under its name.
func Attachment(id int64, name string) string {
	return "/attachments/" + number(id) + "/" + url.PathEscape(name)
}

// What can be done with a letter that waits or that failed.
func Cancel(outbox int64) string  { return "/outbox/" + number(outbox) + "/cancellation" }
func SendNow(outbox int64) string { return "/outbox/" + number(outbox) + "/departure" }
func Retry(outbox int64) string   { return "/outbox/" + number(outbox) + "/retry" }
func Settle(outbox int64) string  { return "/outbox/" + number(outbox) + "/settlement" }

// InboundSource is the raw mail of a ledger row that has no message, as an unmatched bounce.
func InboundSource(row int64) string { return "/inbound/" + number(row) + "/source" }

// InboundSettle takes an unmatched bounce off the Undelivered view.
func InboundSettle(row int64) string { return "/inbound/" + number(row) + "/settlement" }

// QuarantineRow is the quarantine with one message open.
func QuarantineRow(row int64) string     { return Quarantine + "/" + number(row) }
func QuarantineSource(row int64) string  { return QuarantineRow(row) + "/source" }
func QuarantineRetry(row int64) string   { return QuarantineRow(row) + "/retry" }
func QuarantinePlain(row int64) string   { return QuarantineRow(row) + "/plain" }
func QuarantineDiscard(row int64) string { return QuarantineRow(row) + "/discard" }

// QuarantineMissed has fetched what another program read first in a mailbox.
func QuarantineMissed(mailbox int64) string { return Quarantine + "/missed/" + number(mailbox) }

// ReconcileKnown says that the new numbers of a mailbox's mails are known.
func ReconcileKnown(mailbox int64) string {
	return Reconcile + "/" + number(mailbox) + "/acknowledgement"
}

func number(id int64) string { return strconv.FormatInt(id, 10) }
