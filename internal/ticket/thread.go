package ticket

import (
	"hash/fnv"
	"strings"

	"frontdesk/internal/mail"
	"frontdesk/internal/pg"
)

// Clues are what a mail says about the conversation it belongs to. All of it is the sender's claim.
type Clues struct {
	MailboxID int64
	ContentFP []byte
	Sender    string // address; '' takes part in nothing
	RFCID     string
	Refs      []string // oldest first
	Tag       int64    // number in the subject, 0 for none
	DMARCFail bool     // the mailbox's own server says the sender is not who they claim to be
	Keys      [][]byte // that sign our Message-IDs: the current one, then retired ones
}

// Thread is where a mail belongs.
type Thread struct {
	TicketID int64 // 0: nowhere, it opens a ticket
	Refused  int64 // the newest ticket it names but whose sender takes no part in it; 0 for none
	Twin     int64 // the ticket that the same mail went into through another mailbox; 0 for none
}

// AskThread adds to a batch the question which ticket a mail belongs to: by a Message-ID of ours with a valid seal, by any Message-ID stored in a
// ticket or the first one its messages refer to, by the tag in the subject. Each only proposes; a ticket is accepted if the sender takes part in
// it (RELIABILITY 4, DECISIONS Threading). Mails of one conversation wait for each other here until the transaction ends.
func AskThread(b *pg.Batch, c Clues) (answer func() Thread) {
	var (
		named []candidate
		twins []int64
	)
	b.Lock(c.locks())
	c.askNamed(b, &named)
	pg.Ask(b, &twins, `
		SELECT ticket_id FROM inbound
		WHERE rfc_id = $1 AND rfc_id <> '' AND content_fp = $2 AND mailbox_id <> $3 AND state IN ('ticket','reply') AND ticket_id IS NOT NULL
		ORDER BY id LIMIT 1`, c.RFCID, c.ContentFP, c.MailboxID)
	return func() (t Thread) {
		if len(twins) > 0 {
			t.Twin = twins[0]
		}
		switch {
		case len(named) == 0:
		case named[0].TakesPart:
			t.TicketID = named[0].ID
		default:
			t.Refused = named[0].ID
		}
		return t
	}
}

// candidate is a ticket that a mail names.
type candidate struct {
	ID        int64
	TakesPart bool
}

// begunBy ranks a ticket by a message of it that began its references with an id: as good as the message itself when the sender wrote it, for
// then the conversation moved on there, and behind it when somebody else did.
const begunBy = `CASE WHEN from_address = @sender THEN 2 ELSE 3 END`

// askNamed asks for the best of the tickets the mail names: those its sender takes part in first, then by how they are named, then the newest.
// The tag counts for nothing when it is switched off or the sender's domain disowns the mail. Anybody can write a mail under an id they saw, or
// name it, and put another into its Cc: so an id of ours stands for the letter alone, a repeated one for its first mail.
func (c Clues) askNamed(b *pg.Batch, into *[]candidate) {
	ours, stored := c.sort()
	tag := c.Tag
	if c.DMARCFail {
		tag = 0
	}
	by := `SELECT ticket_id, ` + begunBy + ` AS rank FROM message WHERE rfc_refs[1] = @id`
	if len(c.Refs) > 0 {
		by += `
			UNION SELECT ticket_id, ` + begunBy + ` FROM message WHERE rfc_refs[1] = @root
			UNION SELECT ticket_id, 1 FROM message WHERE rfc_id = ANY(@ours::text[]) AND kind = 'out'
			UNION SELECT ticket_id, 2 FROM message WHERE rfc_id = ANY(@stored::text[]) AND NOT flags @> '{same_id}'`
	}
	if tag > 0 {
		by += ` UNION SELECT @tag::bigint, 4 FROM parameter WHERE name = 'subject_tag_threads' AND value = 'true'`
	}
	pg.Ask(b, into, `
		SELECT t.id, @sender <> '' AND (
				EXISTS (SELECT FROM ticket_participant p WHERE p.ticket_id = t.id AND p.address = @sender)
				OR EXISTS (SELECT FROM ticket_participant p WHERE p.ticket_id = t.merged_into AND p.address = @sender)
				OR EXISTS (SELECT FROM customer_address a WHERE a.customer_id = t.customer_id AND a.kind = 'email' AND a.value = @sender)) AS takes_part
		FROM (SELECT ticket_id, min(rank) AS rank FROM (`+by+`) named GROUP BY ticket_id) n
		CROSS JOIN LATERAL (SELECT id, merged_into, customer_id FROM ticket WHERE id = n.ticket_id AND deleted_at IS NULL OFFSET 0) t -- by their numbers, never all
		ORDER BY takes_part DESC, n.rank, t.id DESC LIMIT 1`,
		named("id", c.RFCID, "root", c.root(), "ours", ours, "stored", stored, "tag", tag, "sender", c.Sender))
}

// locks serialise the mails of one conversation over all processes: those that share the first reference, and each with the one it answers.
func (c Clues) locks() []int64 {
	ids := []string{c.RFCID}
	if n := len(c.Refs); n > 0 {
		ids = append(ids, c.Refs[0], c.Refs[n-1])
	}
	keys := make([]int64, len(ids))
	for i, id := range ids {
		h := fnv.New64a()
		h.Write([]byte(id))
		keys[i] = int64(h.Sum64())
	}
	return keys
}

// sort sets our own Message-IDs, those with a valid seal, apart from all others, which must be stored as they stand to name a ticket.
func (c Clues) sort() (ours, stored []string) {
	ours, stored = []string{}, []string{}
	for _, id := range c.Refs {
		if mail.OurMessageID(c.Keys, id) {
			ours = append(ours, strings.ToLower(id))
		} else {
			stored = append(stored, id)
		}
	}
	return ours, stored
}

// root is the first mail of the conversation. With it a mail that comes late finds those that answer the same one, as by its own id it finds
// those that answer itself: the order of arrival is nobody's promise.
func (c Clues) root() string {
	if len(c.Refs) > 0 {
		return c.Refs[0]
	}
	return ""
}
