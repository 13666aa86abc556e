package event

// Kind says what happened. The list is closed: a sentence for each stands in the catalogues of all three languages, held by a test.
type Kind string

// What happens to tickets, letters and the desk.
const (
	Opened         Kind = "opened"          // a ticket began; data.source, data.mailbox
	Received       Kind = "received"        // the customer wrote; data.changes
	Replied        Kind = "replied"         // an agent wrote to the customer; data.changes
	Commented      Kind = "commented"       // an agent wrote for us; data.changes
	Changed        Kind = "changed"         // fields changed without a message; data.changes
	Observed       Kind = "observed"        // an agent began to observe
	Unobserved     Kind = "unobserved"      // and stopped
	Postponed      Kind = "postponed"       // put off until a time; data.changes: until and what changed with it
	Woken          Kind = "woken"           // that time has come; data.changes
	Deleted        Kind = "deleted"         // hidden from everybody, for 30 days; data.tally: its letters
	Restored       Kind = "restored"        // taken back within them; data.tally: its letters
	Purged         Kind = "purged"          // gone for good; nothing else is left of the ticket
	Sent           Kind = "sent"            // a letter left; data.outbox
	SendFailed     Kind = "send_failed"     // data.outbox, data.recipients, data.code, data.text
	SendUncertain  Kind = "send_uncertain"  // data.outbox
	SendCancelled  Kind = "send_cancelled"  // data.outbox, data.reason: by_agent, customer_wrote, deleted
	SendRetried    Kind = "send_retried"    // data.outbox
	SendSettled    Kind = "send_settled"    // a person marked the sending error as dealt with
	Bounced        Kind = "bounced"         // a delivery report came; data.recipients
	Linked         Kind = "linked"          // data.other, data.reason
	UnknownSender  Kind = "unknown_sender"  // somebody who takes no part answered ticket data.other
	RuleApplied    Kind = "rule_applied"    // the event's rule changed fields; data.changes
	SLACrossed     Kind = "sla_crossed"     // a promised time passed unmet; data.reason: reaction, alarm, execution
	CustomerAdded  Kind = "customer_added"  // a person is known from now on; data.name, data.source, data.text: the address
	WholeAsked     Kind = "whole_asked"     // somebody wants a mail that was too large; data.inbound
	WholeFetched   Kind = "whole_fetched"   // it is here; data.inbound
	WholeFailed    Kind = "whole_failed"    // it cannot be had; data.inbound, data.reason
	FileInfected   Kind = "file_infected"   // the check of a file found something; data.name: the file, data.text: what
	FileUnchecked  Kind = "file_unchecked"  // a file could not be checked; data.name, data.reason: too_large, failed
	QuarantineDone Kind = "quarantine_done" // data.inbound, data.reason: retry, plain, discard; or of a mailbox, take_missed
	RenumberedSeen Kind = "renumbered_seen" // somebody knows that a server numbered the mails of a mailbox anew
	BulkDone       Kind = "bulk_done"       // one deed to many tickets, or a postponement, whose events it is the cause of; data.reason, data.name, data.tickets, data.tally
	BulkUndone     Kind = "bulk_undone"     // the same taken back, a batch at a time; cause, data.tally: of all that were so far
	AdminChanged   Kind = "admin_changed"   // data.name, data.changes
)

// Kinds is the whole list, for the test that holds a sentence for each.
var Kinds = []Kind{Opened, Received, Replied, Commented, Changed, Observed, Unobserved, Postponed, Woken, Deleted, Restored, Purged, Sent, SendFailed,
	SendUncertain, SendCancelled, SendRetried, SendSettled, Bounced, Linked, UnknownSender, RuleApplied, SLACrossed, CustomerAdded, WholeAsked, WholeFetched, WholeFailed, FileInfected, FileUnchecked, QuarantineDone, RenumberedSeen, BulkDone, BulkUndone,
	AdminChanged}
