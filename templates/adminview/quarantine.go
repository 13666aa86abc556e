// Package adminview shows administration.
package adminview

import "frontdesk/templates/ui"

// Quarantine is the list of messages that wait for a decision, one of them open, and the sum that shows nothing was lost.
type Quarantine struct {
	Note     string // "4 messages wait for a decision"
	RetryAll string // href.QuarantineAll; "" when there is none
	Items    []QuarantineItem
	Open     *QuarantineOpen
	Empty    ui.Empty
	Sums     []Sum
	Notice   ui.Notice
	MayAct   bool
}

// QuarantineItem is a line of the list.
type QuarantineItem struct {
	Href    string
	Reason  string // readable: "winmail.dat is cut off"
	Subject string
	From    string
	When    ui.When
	Current bool
}

// QuarantineOpen is one message and what can be done with it.
type QuarantineOpen struct {
	Subject string
	Facts   []ui.Fact // from, mailbox and place, fetched, size
	Reason  string
	Detail  string // what could not be done, and that other mail was not held up
	Plain   string
	Retry   string
	Source  string
	Discard string
	Head    string // first lines of the source
}

// Sum is the equation of one mailbox (PRODUCT M2): received = sum of the states.
type Sum struct {
	Mailbox  string
	Received string
	States   []SumState
	Lag      string // "12 s behind", "" when up to date
	Last     string // "10:41:07"
	Error    string
	AlsoRead bool   // takes what other programs have read too
	Missed   string // "3 messages were read in another program first …"; "" when none was
	Take     string // href.QuarantineMissed; "" when they are being taken, or this person may not
}

// SumState is one summand.
type SumState struct {
	Name  string // "tickets"
	Count string
	Kind  string // the state, for its colour: quarantined is loud when not "0"
	Href  string
}
