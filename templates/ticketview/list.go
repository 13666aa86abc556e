// Package ticketview shows tickets: the list, the card with its conversation and composer, a message's details, Undelivered.
package ticketview

import "frontdesk/templates/ui"

// List is one page of one view.
type List struct {
	View      string // mine … closed, or s12 for a saved one
	Name      string // heading
	Note      string // "87 open, 9 new"
	Filter    Filter
	Columns   []Column
	Welcome   *Welcome // to who has not read it
	Searched  Searched
	Rows      []Row
	Empty     ui.Empty // shown when there are no rows
	Here      string   // this page's own address
	Base      string   // that of the list from its beginning
	PageRows  string   // how many rows a page holds
	MostPages string   // are read at once
	Split     bool     // a ticket is shown beside it
	Preview   *Card    // which one; nil for none
	Pick      Pick
	Export    string // the list as a form sends it to be exported; "" when this agent may not
	Newer     string // keyset pager; "" at the end
	Older     string
	Range     string // "50 tickets"
}

// Row is one ticket, in the order of its columns.
type Row struct {
	ID       string // the number, as in ids and in data-ticket
	Key      string // its place in the list
	Href     string
	Clock    ui.Clock
	Unread   string // the customer's newest message, "" when it was read
	Subject  string
	Lang     string // of the subject, "" for that of the page
	Marks    []ui.Mark
	Customer string
	Company  string
	Status   ui.Status
	Priority ui.Priority
	Queue    string
	Assignee ui.Person
	Tags     []string
	Category string
	Source   string
	Created  ui.When
	Changed  ui.When
	Hit      *Hit // of a search

	TagsInSubject bool // they have no column of their own
}

// Undelivered lists the letters that did not arrive, or of which nobody knows (PRODUCT S4), and reports that fit no letter.
type Undelivered struct {
	Note    string
	Letters []Letter
	Bounces []Bounce
	Empty   ui.Empty
	Older   string
}

// Letter is a sending error that nobody has settled.
type Letter struct {
	Ticket  string // "#104817"
	Href    string // of the message on its card
	Subject string
	Failure Failure
	By      string // who wrote it
}

// Bounce is a delivery report whose message was not found.
type Bounce struct {
	From    string // who sent the report, and the mailbox it came to
	Subject string
	Text    string // recipient and reason
	When    ui.When
	Source  string
	Settle  string // "" when it cannot be taken off the list by this agent
}
