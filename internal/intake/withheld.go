package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// Patience with a mail that its server does not hand out.
const (
	triesInARow = 3 // then it is left in peace, longer each time
	firstRest   = time.Minute
	longestRest = time.Hour
	remembered  = 24 * time.Hour
)

// withheld remembers the mails that servers would not hand out: a broken one, or one of which they say a wrong size. Such a mail stays unread where
// it is and is asked for again, alone and after all others, so that it keeps none of them from coming.
type withheld struct {
	mu sync.Mutex
	of map[mailKey]refusal
}

// mailKey is a mail's name at its server.
type mailKey struct {
	mailbox                 int64
	folder                  string
	epoch, uidvalidity, uid int64
}

// refusal is how it went so far. The first failure may have been that of another mail, with which it was asked for.
type refusal struct {
	failures int
	last     time.Time
	said     string
	large    bool // alone it was larger than what is taken whole, whatever the server says
}

// restsAt tells whether the mail is left in peace at a moment.
func (r refusal) restsAt(now time.Time) bool {
	if r.failures < triesInARow {
		return false
	}
	return now.Before(r.last.Add(min(firstRest<<min(r.failures-triesInARow, 10), longestRest)))
}

// failed notes that a batch was not handed out.
func (w *withheld) failed(batch []mailKey, said string, large bool, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for k, r := range w.of {
		if now.Sub(r.last) > remembered {
			delete(w.of, k)
		}
	}
	for _, k := range batch {
		w.of[k] = refusal{w.of[k].failures + 1, now, said, large}
	}
}

// taken forgets mails that were handed out.
func (w *withheld) taken(batch []mailKey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range batch {
		delete(w.of, k)
	}
}

func (w *withheld) get(k mailKey) refusal {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.of[k]
}

func (c *conversation) key(m mailbox.Meta) mailKey {
	return mailKey{c.folder.MailboxID, c.folder.Name, c.folder.Epoch, c.folder.UIDValidity, int64(m.UID)}
}

func (c *conversation) keys(batch []mailbox.Meta) []mailKey {
	out := make([]mailKey, len(batch))
	for i, m := range batch {
		out[i] = c.key(m)
	}
	return out
}

// alone tells whether a mail is asked for by itself because it was not handed out before.
func (c *conversation) alone(m mailbox.Meta) bool { return c.in.withheld.get(c.key(m)).failures > 0 }

// willing puts mails that were not handed out behind the others and leaves out, and counts, those that are left in peace.
func (c *conversation) willing(list []mailbox.Meta) []mailbox.Meta {
	now := time.Now()
	list = slices.DeleteFunc(slices.Clone(list), func(m mailbox.Meta) bool {
		r := c.in.withheld.get(c.key(m))
		rests := r.restsAt(now)
		if rests {
			c.withheld.N, c.withheld.Said = c.withheld.N+1, r.said
		}
		return rests
	})
	slices.SortStableFunc(list, func(a, b mailbox.Meta) int {
		return cmp.Compare(c.in.withheld.get(c.key(a)).failures, c.in.withheld.get(c.key(b)).failures)
	})
	return list
}

// refused notes what ended the fetching of a batch, unless it was our side.
func (c *conversation) refused(ctx context.Context, batch []mailbox.Meta, err error) {
	if ctx.Err() == nil && !ours(err) {
		large := len(batch) == 1 && c.alone(batch[0]) && errors.Is(err, mailbox.ErrTooMuch)
		c.in.withheld.failed(c.keys(batch), text(err), large, time.Now())
	}
}

// noteWithheld writes down how many mails of the folder the pass had to leave at the server.
func (c *conversation) noteWithheld(ctx context.Context) error {
	if c.withheld == c.folder.Withheld {
		return nil
	}
	if c.withheld.N > 0 {
		c.in.o.Log.Warn("the server does not hand out mails", "mailbox", c.box.Name, "folder", c.folder.Name, "mails", c.withheld.N, "said", c.withheld.Said)
	}
	return c.in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return inbound.NoteWithheld(ctx, tx, c.folder, c.withheld) })
}
