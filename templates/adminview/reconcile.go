package adminview

import "frontdesk/templates/ui"

// Reconcile shows what is out of order, and for every mailbox that nothing was lost (PRODUCT M2).
type Reconcile struct {
	Note     string // "2 alarms"
	Alarms   []Alarm
	Accounts []Account
	Empty    ui.Empty // when there is no mailbox
}

// Alarm is one thing that is out of order, in words, and what can be done about it here.
type Alarm struct {
	Kind   string // bad, warn
	What   string
	Do     string
	Since  string // "Since 10:41."
	Href   string // a page to go to, with the words of its link
	Action string // a POST, with the words of its button
	Button string
}

// Account is one mailbox: both lines of the equation, and how fetching goes.
type Account struct {
	Mailbox string
	Health  ui.Health // whether it balances
	Taken   string    // names the line of the ledger for readers: "Support: what was received …"
	Sum     Sum
	Folders []Folder
	Facts   []ui.Fact
}

// Folder is what the server had of a folder at the last look.
type Folder struct {
	Name   string // names its line for readers
	Note   string // which mail that is, and when
	Server string // "" before the first look
	States []SumState
}
