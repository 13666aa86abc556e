package intake

import (
	"context"
	"slices"
	"strings"

	"frontdesk/internal/blob"
	"frontdesk/internal/customer"
	"frontdesk/internal/event"
	"frontdesk/internal/inbound"
	"frontdesk/internal/mail"
	"frontdesk/internal/outbox"
	"frontdesk/internal/pg"
	"frontdesk/internal/rule"
	"frontdesk/internal/ticket"
)

// questions are what Tx B asks with its BEGIN: all that the database knows about a mail before it lands.
type questions struct {
	held     func() error // inbound.ErrTaken when the row is not ours any more
	around   []surroundings
	customer func() *int64
	thread   func() ticket.Thread
	begins   func() (ticket.Beginning, error) // nil: a mail that names others is likely to join them
}

type surroundings struct {
	FromBox   bool     // From is one of our mailboxes
	FromAgent bool     // From is an agent
	OurLetter bool     // the Message-ID is one of our outbox
	Reported  bool     // so is that of the letter a delivery report is about
	MeetAll   bool     // who is unknown becomes a customer (PRODUCT M5)
	Own       []string // mailboxes of ours that Reply-To names
}

// ask takes the row for this transaction and asks all at once.
func (in *Intake) ask(b *pg.Batch, r inbound.Row, u *understood) *questions {
	var q questions
	b.Steady()
	b.Repeatable() // a mail whose settling was lost is pending
	from := u.Mail.Author().Address
	about := ""
	if b := u.Mail.Bounce; b != nil {
		b.MessageID = in.asWritten(b.MessageID)
		about = b.MessageID
	}
	replyTo := []string{}
	for _, a := range u.Mail.ReplyTo {
		replyTo = append(replyTo, a.Address)
	}
	q.held = inbound.AskHold(b, r)
	pg.Ask(b, &q.around, `
		SELECT EXISTS (SELECT FROM mailbox WHERE address = $1) AS from_box,
			EXISTS (SELECT FROM agent WHERE email = $1) AS from_agent,
			EXISTS (SELECT FROM outbox WHERE rfc_id = $2 AND $2 <> '') AS our_letter,
			EXISTS (SELECT FROM outbox WHERE rfc_id = $3 AND $3 <> '') AS reported,
			EXISTS (SELECT FROM parameter WHERE name = 'create_customers' AND value = 'true') AS meet_all,
			ARRAY(SELECT address FROM mailbox WHERE address = ANY($4)) AS own`, from, in.asWritten(r.RFCID), about, replyTo)
	if b := u.Mail.Bounce; b != nil && !b.Worded {
		return &q
	}
	q.customer = customer.AskByAddress(b, u.Mail.Claimant())
	q.thread = ticket.AskThread(b, in.clues(r, u))
	if len(r.RFCRefs) == 0 && u.Tag == 0 {
		q.begins = ticket.AskBeginning(b, queueOf(r))
	}
	return &q
}

// clues are what a mail says about its conversation.
func (in *Intake) clues(r inbound.Row, u *understood) ticket.Clues {
	return ticket.Clues{
		MailboxID: r.MailboxID, ContentFP: r.ContentFP, Sender: u.Mail.Claimant(), RFCID: messageID(r, u), Refs: r.RFCRefs, Tag: u.Tag, Keys: in.o.IDKeys,
		DMARCFail: dmarcFails(u.Mail.AuthenticationResults, r.AuthHost),
	}
}

// asWritten is a Message-ID as the outbox has it where it is ours: some servers change the case of its letters.
func (in *Intake) asWritten(id string) string {
	if mail.OurMessageID(in.o.IDKeys, id) {
		return strings.ToLower(id)
	}
	return id
}

// messageID is never empty: derived for a mail that has none.
func messageID(r inbound.Row, u *understood) string {
	if r.RFCID == "" {
		return u.DerivedID
	}
	return r.RFCID
}

// queueOf is where a mail goes that opens a ticket.
func queueOf(r inbound.Row) int64 { return rule.Decide(rule.Facts{MailboxQueue: r.QueueID}).QueueID }

// land is Tx B but for the claim: it decides what the mail is and puts it there.
func (in *Intake) land(ctx context.Context, tx *pg.Tx, r inbound.Row, u *understood, files []*blob.Spooled, q *questions) (inbound.Outcome, error) {
	if err := q.held(); err != nil {
		return inbound.Outcome{}, err
	}
	around := q.around[0]
	if around.FromBox && around.OurLetter {
		return inbound.Outcome{State: inbound.Ignored, Reason: inbound.OurOwn}, nil
	}
	if b := u.Mail.Bounce; b != nil && (!b.Worded || around.Reported) {
		return landBounce(ctx, tx, r, u.Mail)
	}
	m, err := in.incoming(ctx, tx, r, u, files, around)
	if err != nil {
		return inbound.Outcome{}, err
	}
	return landMessage(ctx, tx, r, m, q)
}

func landBounce(ctx context.Context, tx *pg.Tx, r inbound.Row, m mail.Message) (inbound.Outcome, error) {
	b := m.Bounce
	report := outbox.Report{InboundID: r.ID, RFCID: b.MessageID, Sender: m.Author().Address, Subject: m.Subject}
	told := make([]event.Recipient, 0, len(b.Recipients))
	for _, x := range b.Recipients {
		address := x.Address
		if x.Original != "" {
			address = x.Original
		}
		report.Recipients = append(report.Recipients, outbox.Reported{Address: address, Action: x.Action, Status: x.Status, Diagnostic: x.Diagnostic})
		if x.Action == mail.Failed || x.Action == mail.Delayed {
			told = append(told, event.Recipient{Address: address, Status: x.Status, Text: x.Diagnostic})
		}
	}
	o := inbound.Outcome{State: inbound.Bounce}
	id, message, matched, err := outbox.Bounced(ctx, tx, report)
	if err != nil || !matched {
		return o, err
	}
	o.TicketID, o.MessageID = id, message
	if len(told) == 0 && len(b.Recipients) > 0 { // it arrived
		return o, nil
	}
	return o, ticket.AddBounce(ctx, tx, id, r.ID, message, told)
}

// incoming makes of the mail what a ticket takes, and stores its files.
func (in *Intake) incoming(ctx context.Context, tx *pg.Tx, r inbound.Row, u *understood, files []*blob.Spooled, around surroundings) (ticket.Incoming, error) {
	author := u.Mail.Author()
	m := ticket.Incoming{
		InboundID: r.ID, MailboxID: r.MailboxID, Mailbox: r.Mailbox, From: author, To: u.Mail.To, Cc: u.Mail.Cc, Subject: u.Mail.Subject,
		RFCID: messageID(r, u), Refs: r.RFCRefs, Text: u.Mail.Text, HTML: u.HTML, Cleaner: u.Cleaner, RemotePictures: u.RemotePictures,
		Excerpt: u.Excerpt, Language: u.Language, Automatic: u.Mail.Automatic.NoReply(), AutoReply: u.Mail.Automatic.IsReply(),
		ReplyTo: answersTo(u.Mail.ReplyTo, author.Address, around.Own), Flags: flagsOf(r, u, around), DatedAt: u.dated(), FetchedAt: r.InternalDate,
		Unchecked: in.o.Check,
	}
	if u.QuoteAt >= 0 {
		m.QuoteAt = &u.QuoteAt
	}
	if len(files) == 0 || slices.Contains(r.Flags, inbound.Oversize) { // what a header alone announces is not here
		return m, nil
	}
	ids, err := blob.PutAll(ctx, tx, files)
	if err != nil {
		return m, err
	}
	for i, a := range u.Mail.Attachments {
		m.Files = append(m.Files, ticket.IncomingFile{
			BlobID: ids[i], Name: a.FileName(), Type: a.Type, Size: files[i].Size, ContentID: a.ContentID, Inline: a.Inline,
		})
	}
	return m, nil
}

// answersTo are all whom Reply-To asks to answer, but for our own mailboxes and what no letter can go to; none when that is the author, as without it.
func answersTo(replyTo []mail.Address, author string, own []string) []string {
	var to []string
	for _, a := range replyTo {
		if ticket.Reachable(a.Address) && !slices.Contains(own, a.Address) && !slices.Contains(to, a.Address) && len(to) < ticket.MaxRecipients {
			to = append(to, a.Address)
		}
	}
	if slices.Equal(to, []string{author}) {
		return nil
	}
	return to
}

// Flags of a message that warn the reader.
const (
	flagLimited    = "limited"     // a limit was met: the source holds more
	flagTwoFrom    = "two_from"    // more than one From field, or several addresses in it
	flagOddFrom    = "odd_from"    // an address that other programs may read as another
	flagOurAddress = "our_address" // says it is from an agent or a mailbox of ours, but came from outside
	flagDMARCFail  = "dmarc_fail"  // the sender's domain disowns it
	flagForged     = "forged"      // any of the last four: nobody knows who wrote it
)

func flagsOf(r inbound.Row, u *understood, around surroundings) []string {
	flags := append([]string{}, r.Flags...)
	add := func(is bool, names ...string) {
		if is {
			flags = append(flags, names...)
		}
	}
	ours, dmarc := around.FromBox || around.FromAgent, dmarcFails(u.Mail.AuthenticationResults, r.AuthHost)
	add(u.Limited, flagLimited)
	add(u.Mail.ManyFrom, flagTwoFrom)
	add(u.Mail.OddFrom, flagOddFrom)
	add(ours, flagOurAddress)
	add(dmarc, flagDMARCFail)
	add(u.Mail.ManyFrom || u.Mail.OddFrom || ours || dmarc, flagForged)
	return flags
}

// landMessage puts a person's mail into the ticket it belongs to, or opens one.
func landMessage(ctx context.Context, tx *pg.Tx, r inbound.Row, m ticket.Incoming, q *questions) (inbound.Outcome, error) {
	t := q.thread()
	if t.Twin != 0 && t.Twin == t.TicketID {
		return inbound.Outcome{State: inbound.Ignored, Reason: inbound.SameMail, TicketID: t.Twin}, nil
	}
	place := ticket.Place{QueueID: queueOf(r), CustomerID: q.customer()}
	if q.begins != nil {
		g, err := q.begins()
		if err != nil {
			return inbound.Outcome{}, err
		}
		place.Beginning = &g
	}
	if t.Twin != 0 {
		place.Links = append(place.Links, ticket.Link{Other: t.Twin, Reason: ticket.SameMail})
	}
	if t.Refused != 0 {
		place.Links = append(place.Links, ticket.Link{Other: t.Refused, Reason: ticket.UnknownSender})
	}
	var (
		l   ticket.Landed
		err error
	)
	if t.TicketID != 0 {
		l, err = ticket.AddIncoming(ctx, tx, t.TicketID, m, place)
	} else {
		l, err = ticket.Open(ctx, tx, m, place)
	}
	if err == nil && l.Opened && q.around[0].MeetAll && place.CustomerID == nil && byPerson(m) {
		err = meet(ctx, tx, l.TicketID, m.From)
	}
	o := inbound.Outcome{State: inbound.Reply, TicketID: l.TicketID, MessageID: l.MessageID, Flags: m.Flags}
	if l.Opened {
		o.State = inbound.Ticket
	}
	return o, err
}

// byPerson tells whether a mail lets us know somebody: machines and lists are nobody, and a forged sender may be anybody.
func byPerson(m ticket.Incoming) bool {
	return m.From.Address != "" && !m.Automatic && !slices.Contains(m.Flags, flagForged)
}

// meet puts a new ticket under the customer its mail is from, who is made if nobody has the address.
func meet(ctx context.Context, tx *pg.Tx, ticketID int64, from mail.Address) error {
	id, err := customer.Meet(ctx, tx, from.Name, from.Address)
	if err != nil || id == nil {
		return err
	}
	return ticket.Attach(ctx, tx, ticketID, *id)
}

// dmarcFails asks only the results of the mailbox's own server; anybody can write others (RFC 8601, 5). What a server quotes or puts into a
// comment are the sender's words too, and no verdict.
func dmarcFails(results []string, host string) bool {
	if host == "" {
		return false
	}
	for _, r := range results {
		id, rest, ok := strings.Cut(unquoted(r), ";")
		name, _, _ := strings.Cut(strings.TrimSpace(id), " ")
		if !ok || !strings.EqualFold(name, host) {
			continue
		}
		for _, one := range strings.Split(rest, ";") {
			method, verdict, _ := strings.Cut(strings.TrimSpace(strings.ToLower(one)), "=")
			if strings.TrimSpace(method) == "dmarc" {
				return strings.HasPrefix(strings.TrimSpace(verdict), "fail")
			}
		}
	}
	return false
}

// unquoted leaves out quoted strings and comments, nested ones too (RFC 5322, 3.2.2 and 3.2.4). One that never ends reaches to the end.
func unquoted(s string) string {
	var b strings.Builder
	quoted, depth := false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}
