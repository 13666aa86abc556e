package ticketview

import "frontdesk/templates/ui"

// Compose is the place to write, below the conversation.
type Compose struct {
	Open    string // "" (only the two buttons), reply or comment
	Blocked string // why nothing can be written here, "" when it can
	Hint    string // beside the two buttons, above them on a phone: "Cancel brings the text back here", "Draft of 20:53"
	Reply   Reply
	Comment Comment
	Links   ComposeLinks
}

// ComposeLinks open the composer without JavaScript.
type ComposeLinks struct {
	Reply   string
	Comment string
	Close   string
}

// Reply is the form for a letter to the customer. Its fields: to, cc, text, answer, form_key, version, base, Also and Send.
type Reply struct {
	Action   string // href.Replies
	FormKey  string
	Version  string // of the ticket when the form was made
	Answer   string // id of the answered message
	From     string // "Support <support@lindenwald.example>"
	To       ui.Field
	Cc       ui.Field
	Warning  ui.Notice // a Reply-To in another domain
	Text     ui.Field
	Files    Files
	Draft    Draft
	Also     Also
	Send     Send
	Conflict *Conflict
	Error    string // of the whole form
}

// Comment is the form for a note to ourselves. Its fields: text, form_key, version and Also.
type Comment struct {
	Action   string // href.Comments
	FormKey  string
	Version  string
	Text     ui.Field
	Files    Files
	Draft    Draft
	Also     Also
	Conflict *Conflict
	Error    string
}

// Files are what goes along with a letter or a comment. Their fields: file (the ids of those that go), shown (of all that were shown) and upload.
type Files struct {
	Upload string // href.DraftFiles: a script sends each file at once
	Most   int64  // bytes of one file
	Hint   string // "At most 25 MB a file"
	List   []DraftFile
	Error  string
}

// DraftFile is a file that waits in a composer.
type DraftFile struct {
	ui.File
	ID     string
	Remove string // href.DraftFileRemoval
	Off    bool   // left out by the form that came back
}

// Draft is where what is typed is kept.
type Draft struct {
	Action  string // href.Draft
	Version string // that the form knows, "0" for none: the draft of another tab or device is not overwritten
	Remove  string // href.DraftRemoval; "" while there is none
	State   string // "Draft saved 10:46:31"
}

// Also are changes saved with a letter or comment (PRODUCT C4): status is in sight, the others in a menu.
// The first option of each has the value "": leave it.
type Also struct {
	Status ui.Choice
	More   []ui.Choice // queue, assignee, category, priority
	Tags   ui.Tags     // to add
}

// Send says when a letter leaves.
type Send struct {
	Delays  []Delay
	At      ui.Field // value of the date field, "2026-11-23T08:00" in the agent's zone
	AtMin   string
	AtMax   string
	AtHint  string // "up to 4 Dec, Europe/Warsaw"
	Unless  bool   // do not send if the customer writes first
	Summary string // "in 30 seconds"
}

// Delay is one choice of Send: "0", "30", "300", "3600", or "at" for the date field.
type Delay struct {
	Value  string
	Name   string
	Aside  string // "default"
	Chosen bool
}

// Conflict is a save held back because something is new (DECISIONS, Concurrent edits): the text is kept, the new events are shown,
// and a second press of the button saves with the new Version.
type Conflict struct {
	Title string // "Two new events since you began to write"
	Text  string // "Read them, then send. Your text is safe."
	Items []Item
}
