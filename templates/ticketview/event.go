package ticketview

import "frontdesk/templates/ui"

// Event is one thing in a ticket's history.
type Event struct {
	Anchor string // id on the page: href.MessageAnchor, or "e" and the event's id
	Kind   string // in, out, comment, system, error
	State  string // "" or, of a letter that has not left or did not arrive: queued, scheduled, sending, failed, uncertain, cancelled
	Open   bool   // unfolded when the page is opened
	Unread bool

	Line string // a one-line system event: its whole sentence; then only Glyph and When are drawn besides
	More string // of a one-line event: where it leads, "" for nowhere

	Avatar ui.Avatar // of whoever wrote
	Glyph  string    // icon in its place, for system and error
	Who    string
	Did    string // "wrote", "to customer, leaves at 10:47:12", "comment, only for us"
	First  string // the beginning of the text, seen while folded
	Marks  []ui.Mark
	When   ui.When

	Envelope string    // "From a@b to c@d · sender verified"
	Warning  ui.Notice // a forged sender, a message shown in part
	Whole    *Whole    // of a mail that was too large to be taken
	Body     Body
	Files    []ui.File
	Changes  []string // "Status **New → Waiting**", the values set off by text.Strong
	Pending  *Pending
	Failure  *Failure
	Tools    Tools
}

// Body is what was written: HTML in a frame, or text.
type Body struct {
	Frame    string // href.MessageBody
	Title    string // of the frame, for readers: "Message of Agnieszka Wiśniewska, 10:41"
	Pictures string // href.MessagePictures while remote pictures are held back, else ""
	Held     string // "3 remote pictures are held back"
	Unsafe   string // how many of its own pictures are held back by their check, "" for none
	Text     []Block
	Lang     string // of what is written, "" for that of the page
}

// Block is a run of text; a quoted one is folded.
type Block struct {
	Text   string
	Quoted bool
}

// Pending is a letter that has not left: when it will, and what can still be done.
type Pending struct {
	Text    string // "Leaves Mon 23 Nov, 08:00, unless the customer writes first"
	Cancel  string // href.Cancel: back into the composer
	SendNow string // href.SendNow; "" when it leaves within seconds or may not be sent now
}

// Failure is a sending error (PRODUCT S4).
type Failure struct {
	State      string // failed, uncertain, refused (some got it), deferred (still being tried)
	Title      string // "Not delivered", "Nobody knows whether it arrived"
	Text       string // what happened and what will or will not be done
	Recipients []Recipient
	When       ui.When
	Retry      string // href.Retry; "" when it cannot be tried again
	RetryText  string // "Send again", or for an uncertain letter "Send again, it may arrive twice"
	Settle     string // href.Settle
}

// Recipient is what became of a letter at one address.
type Recipient struct {
	Address string
	Kind    string // "To", "Cc"
	State   string // good, bad, warn, "" (still waiting): colour and sign
	Text    string // "delivered", "refused", "tried again at 11:20"
	Answer  string // what the server said: "550 5.1.1 no such user"
}

// Whole stands at a mail of which only the header was taken: how it stands with the rest, and what can be done.
type Whole struct {
	Notice ui.Notice
	State  string // "" (nobody asked), waiting, fetching, fetched, failed
	Fetch  string // href.MessageFetch; "" when there is nothing to ask for
	Button string // "Fetch it", "Try again"
	Source string // href.MessageSource, once it is here
}

// Tools of an event.
type Tools struct {
	Reply   string // href.Answer
	Link    string // absolute, to this message
	Details string // href.Message
	Source  string // href.MessageSource
}

// Message is one message's details (PRODUCT C17).
type Message struct {
	Title      string // of its ticket
	Ticket     string // "#104817"
	Back       string // href.TicketMessage
	Facts      []ui.Fact
	Recipients []Recipient
	Pending    *Pending
	Failure    *Failure
	Whole      *Whole
	Held       []ui.File // the files of it that are held back, and its source with them
	Source     string    // "" when it may not be had
}

// Held is the page before a file that is held back.
type Held struct {
	Icon   string
	Title  string // its name
	Text   string // why
	Action string // where to ask for it all the same
	Back   string // href.TicketMessage
}
