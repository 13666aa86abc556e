// Package rule decides what happens to a mail: conditions over Facts give an Outcome. It is pure; whoever asks applies the outcome.
package rule

// Facts are what a rule may ask about a mail.
type Facts struct {
	MailboxQueue int64 // the queue of the mailbox it came by
}

// Outcome is what the rules want.
type Outcome struct {
	QueueID int64
}

// Decide runs the rules. The ending rule stands last and decides what no other did: a new ticket goes to the queue of its mailbox.
func Decide(f Facts) Outcome {
	return ending(f)
}

func ending(f Facts) Outcome { return Outcome{QueueID: f.MailboxQueue} }
