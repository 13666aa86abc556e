package intake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/inbound"
	"frontdesk/internal/mail"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// Bounds of one round and of one Tx A.
const (
	perRound   = 500
	perBatch   = 100
	batchBytes = 4 << 20   // of bodies held in memory at once
	bigMail    = 1 << 20   // larger mails come alone, in chunks, and of those no more is in memory
	maxHeader  = 256 << 10 // of a mail that is too large to be taken whole
	readHead   = 1 << 20   // of which the threading fields are read
	// Bytes of mails on their way from all servers into memory. Nothing else of a conversation waits for others: a server that falls silent or is
	// slow holds up its own mailbox, and of this what it announced.
	maxRoom = 64 << 20
	perBody = 64 << 10 // that a batch counts for besides its size
)

// fetch takes what is unread in a folder: stored in commits of its own, and only then marked as read on the server (RELIABILITY 2). It answers
// how many mails became pending; what the server refused is an error once everything else was taken.
func (in *Intake) fetch(ctx context.Context, box box, m *mailbox.IMAP, folder string) (pending int, err error) {
	began := time.Now()
	f, next, err := in.enter(ctx, box, m, folder)
	if err != nil {
		return 0, err
	}
	limit, err := desk.Param[int64](ctx, in.o.DB, "max_message_bytes")
	if err != nil {
		return 0, err
	}
	c := conversation{in: in, box: box, m: m, folder: f, limit: limit, began: began, left: map[mailbox.UID]refusal{}}
	defer func() {
		if c.m != m {
			c.m.Close()
		}
	}()
	err = c.takeAllThere(ctx, int64(next))
	if e := c.noteRefusals(ctx, err == nil); err == nil {
		err = e
	}
	if err == nil {
		err = c.refusal
	}
	return c.pending, err
}

// takeAllThere takes what is unread and what others have read where the mailbox wants it, and draws the net when it is due.
func (c *conversation) takeAllThere(ctx context.Context, next int64) error {
	first := mailbox.UID(1)
	if c.box.Take == mailbox.TakeNew {
		first = mailbox.UID(max(c.folder.FirstUID, 1)) //nolint:gosec // a UID has 32 bits
	}
	uids, err := c.m.Unseen(ctx, first)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(uids, perRound) {
		if err := c.round(ctx, part); err != nil {
			return err
		}
	}
	if c.box.AlsoRead {
		if err := c.takeRead(ctx, next); err != nil {
			return err
		}
	}
	if c.folder.NetDue(time.Now()) || c.box.AlsoRead && c.folder.Missed > 0 {
		return c.drawNet(ctx)
	}
	return nil
}

// enter opens the folder at the server and in the ledger; next is the number the next mail gets there, 0 where the server does not tell.
func (in *Intake) enter(ctx context.Context, box box, m *mailbox.IMAP, folder string) (f inbound.Folder, next mailbox.UID, err error) {
	sel, err := m.Select(ctx, folder)
	if err != nil {
		return f, 0, err
	}
	err = in.o.DB.InTx(ctx, func(tx *pg.Tx) error {
		var changed bool
		if f, changed, err = inbound.Enter(ctx, tx, box.ID, folder, int64(sel.UIDValidity), int64(sel.UIDNext)); err != nil {
			return err
		}
		if changed {
			in.o.Log.Warn("the server numbered the mails of a folder anew", "mailbox", box.Name, "folder", folder, "uidvalidity", sel.UIDValidity)
			if box.AlsoRead {
				f.MissedAt = nil // the safety net tells by size and date what of it was taken
			}
		}
		return nil
	})
	return f, sel.UIDNext, err
}

// conversation is one pass over one folder.
type conversation struct {
	in       *Intake
	box      box
	m        *mailbox.IMAP
	folder   inbound.Folder
	limit    int64
	pending  int
	began    time.Time
	taken    []mailbox.UID           // is in the ledger, and not marked as read yet
	unmarked inbound.Refusal         // of that
	left     map[mailbox.UID]refusal // what it had to leave at the server
	refusal  error                   // the first that it went on after
	anew     int                     // how often it did so
}

// round takes up to 500 unread mails: those that are known are only to be marked, the others are taken, small ones together.
func (c *conversation) round(ctx context.Context, uids []mailbox.UID) error {
	metas, untold, err := c.sizes(ctx, uids)
	if err != nil {
		return err
	}
	c.leave(&c.in.untold, untold)
	fresh, known, err := c.sort(ctx, metas)
	if err != nil {
		return err
	}
	c.taken = append(c.taken, known...)
	_, err = c.takeAll(ctx, fresh)
	return err
}

// takeAll takes mails batch by batch, last those that the server did not hand out before, one by one, and marks what was taken. left are those it
// does not hand out now.
func (c *conversation) takeAll(ctx context.Context, list []mailbox.Meta) (left []mailbox.UID, err error) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b mailbox.Meta) int { return cmp.Compare(c.failures(a), c.failures(b)) })
	for len(list) > 0 {
		batch := list[:batchOf(list, c.alone)]
		list = list[len(batch):]
		if c.leaves(c.in.withheld.get(c.key(batch[0].UID))) {
			left = append(left, c.leave(&c.in.withheld, uidsOf(batch))...)
			continue
		}
		not, err := c.take(ctx, batch)
		if no := (notHandedOut{}); errors.As(err, &no) {
			not, err = uidsOf(batch), c.refused(ctx, &c.in.withheld, uidsOf(batch), no.error)
		}
		left = append(left, c.leave(&c.in.withheld, not)...)
		if err != nil {
			return left, err
		}
	}
	return left, c.mark(ctx)
}

// notHandedOut marks what ended the fetching of a batch, before any of it was stored.
type notHandedOut struct{ error }

// sort sets known mails apart from new ones and leaves out what lay there before us when only new mail is wanted.
func (c *conversation) sort(ctx context.Context, metas []mailbox.Meta) (fresh []mailbox.Meta, known []mailbox.UID, err error) {
	arrivals := make([]inbound.Arrival, len(metas))
	for i, m := range metas {
		arrivals[i] = arrivalOf(m)
	}
	var have map[int64]bool
	err = c.in.o.DB.InTx(ctx, func(tx *pg.Tx) error {
		var reused bool
		if have, reused, err = inbound.Known(ctx, tx, &c.folder, arrivals); err != nil {
			return err
		}
		if reused {
			c.in.o.Log.Warn("the server uses numbers of mails again", "mailbox", c.box.Name, "folder", c.folder.Name, "epoch", c.folder.Epoch)
		}
		return nil
	})
	for i, m := range metas {
		switch {
		case have[int64(m.UID)]:
			known = append(known, m.UID)
		case c.box.Take == mailbox.TakeNew && c.folder.Before(arrivals[i]):
		default:
			fresh = append(fresh, m)
		}
	}
	return fresh, known, err
}

func arrivalOf(m mailbox.Meta) inbound.Arrival {
	return inbound.Arrival{UID: int64(m.UID), Size: m.Size, InternalDate: m.InternalDate.UTC()}
}

// batchOf is how many of the next mails are taken together.
func batchOf(list []mailbox.Meta, alone func(mailbox.Meta) bool) int {
	sum := int64(0)
	for i, m := range list {
		sum += m.Size
		alone := m.Size > bigMail || alone(m)
		if i > 0 && (i == perBatch || sum > batchBytes || alone) {
			return i
		}
		if alone {
			return 1
		}
	}
	return len(list)
}

// mark marks as read on the server what was taken. It comes behind the last commit of a round, and a server that refuses it shows the same mails as
// unread at every poll: the ledger knows them (RELIABILITY 2, step 7).
func (c *conversation) mark(ctx context.Context) error {
	if len(c.taken) == 0 {
		return nil
	}
	fail("before STORE")
	for part := range slices.Chunk(c.taken, perRound) {
		err := c.m.MarkSeen(ctx, part)
		if errors.Is(err, mailbox.ErrRefused) {
			c.unmarked.N, c.unmarked.Said = c.unmarked.N+len(part), text(err)
			continue
		}
		if err != nil {
			return err
		}
	}
	fail("after STORE")
	c.taken = c.taken[:0]
	return nil
}

// take fetches a batch and stores it in one commit; only then it is to be marked. empty are those of which nothing was handed out.
func (c *conversation) take(ctx context.Context, batch []mailbox.Meta) (empty []mailbox.UID, err error) {
	weight := inMemory(batch)
	if err := c.in.room.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	defer c.in.room.Release(weight)
	list, empty, err := c.bodies(ctx, batch)
	defer func() {
		for _, m := range list {
			m.Raw.Close()
		}
	}()
	if err != nil {
		return nil, notHandedOut{err}
	}
	c.in.withheld.failed(c.keys(empty), mailbox.ErrEmpty.Error(), false, time.Now())
	c.in.withheld.taken(c.keys(without(uidsOf(batch), empty)))
	if len(list) == 0 {
		return empty, nil
	}
	fail("fetch")
	pending := 0
	err = c.in.o.DB.InTxAsking(ctx, storing, func(tx *pg.Tx) error {
		if pending, err = inbound.Store(ctx, tx, c.folder, list); err != nil {
			return err
		}
		fail("before commit A")
		return nil
	})
	if err != nil {
		return nil, err
	}
	fail("after commit A")
	c.pending += pending
	c.in.rouse()
	for _, m := range list {
		c.taken = append(c.taken, mailbox.UID(m.UID)) //nolint:gosec // a UID has 32 bits
	}
	return empty, nil
}

// inMemory is how much memory a batch takes until it is stored.
func inMemory(batch []mailbox.Meta) int64 {
	sum := int64(perBody)
	for _, m := range batch {
		sum += min(m.Size, bigMail)
	}
	return sum
}

// storing begins Tx A: the server is told that a mail was taken once it is on disk.
func storing(b *pg.Batch) {
	b.Steady()
	b.Durable()
}

// bodies fetches the mails of a batch as they are to be stored. Those that are gone by now are left out; empty are those that are there, and of
// which the server handed out nothing.
func (c *conversation) bodies(ctx context.Context, batch []mailbox.Meta) (list []inbound.Mail, empty []mailbox.UID, err error) {
	switch first := batch[0]; {
	case first.Size > c.limit || c.in.withheld.get(c.key(first.UID)).large:
		list, err = c.headerOnly(ctx, first)
		return list, nil, err
	case c.alone(first): // what the server says of its size may have been wrong
		list, err = c.big(ctx, first, c.limit)
		return list, nil, err
	case first.Size > bigMail:
		list, err = c.big(ctx, first, first.Size)
		return list, nil, err
	}
	gone, err := c.m.FetchBatch(ctx, batch, func(meta mailbox.Meta, body io.Reader) error {
		raw, err := blob.Spool(c.in.o.TempDir, body)
		if err != nil {
			return err
		}
		m, err := mailOf(meta, raw)
		if err != nil {
			raw.Close()
			return err
		}
		list = append(list, m)
		return nil
	})
	came := gone
	for _, m := range list {
		came = append(came, mailbox.UID(m.UID)) //nolint:gosec // a UID has 32 bits
	}
	return list, without(uidsOf(batch), came), err
}

// big fetches one mail in chunks, which has about that size at most.
func (c *conversation) big(ctx context.Context, meta mailbox.Meta, size int64) ([]inbound.Mail, error) {
	w := blob.NewWriter(c.in.o.TempDir)
	if _, err := c.m.Fetch(ctx, meta.UID, size, w); err != nil {
		w.Close()
		if errors.Is(err, mailbox.ErrGone) {
			return nil, nil
		}
		return nil, err
	}
	m, err := mailOf(meta, w.Done())
	return []inbound.Mail{m}, err
}

// headerOnly takes of a mail that is too large what names it; the rest stays at the server. The size of that belongs to its fingerprint: two such
// mails with equal headers are not one, and what servers write on top makes no other mail of it.
func (c *conversation) headerOnly(ctx context.Context, meta mailbox.Meta) ([]inbound.Mail, error) {
	head, err := c.m.Header(ctx, meta.UID, maxHeader)
	if errors.Is(err, mailbox.ErrGone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := mailOf(meta, blob.Bytes(head))
	sum := sha256.New()
	sum.Write(m.Fingerprint[:])
	sum.Write(binary.BigEndian.AppendUint64(nil, uint64(max(meta.Size-int64(len(head)), 0))))
	sum.Sum(m.Fingerprint[:0])
	m.Flags = append(m.Flags, inbound.Oversize)
	return []inbound.Mail{m}, err
}

// mailOf reads from the bytes what the ledger keeps beside them: nothing is parsed as MIME here.
func mailOf(meta mailbox.Meta, raw *blob.Spooled) (inbound.Mail, error) {
	m := inbound.Mail{Arrival: arrivalOf(meta), Raw: raw}
	var err error
	if m.Fingerprint, err = mail.Fingerprint(raw.Reader()); err != nil {
		return m, err
	}
	head, err := io.ReadAll(io.LimitReader(raw.Reader(), readHead))
	if err != nil {
		return m, fmt.Errorf("read the header of a mail: %w", err)
	}
	t := mail.References(head)
	m.RFCID, m.Refs = t.MessageID, t.References
	if t.InReplyTo != "" && !slices.Contains(m.Refs, t.InReplyTo) {
		m.Refs = append(m.Refs, t.InReplyTo)
	}
	return m, nil
}
