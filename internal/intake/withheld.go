package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

	connectsAnew = 10 // times in one pass over one folder, each after a refusal
)

// withheld remembers the mails that servers would not hand out, or tell the size of: a broken one, or one of which they say a wrong size. Such a
// mail stays unread where it is and is asked for again, alone and after all others, so that it keeps none of them from coming.
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

// lasts tells whether it is the mail itself: it was refused alone, again and again.
func (r refusal) lasts() bool { return r.failures >= triesInARow }

// restsAt tells whether the mail is left in peace at a moment.
func (r refusal) restsAt(now time.Time) bool {
	return r.lasts() && now.Before(r.last.Add(min(firstRest<<min(r.failures-triesInARow, 10), longestRest)))
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

// forget lets a mailbox begin anew: what rests is asked for at once.
func (w *withheld) forget(mailbox int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.DeleteFunc(w.of, func(k mailKey, _ refusal) bool { return k.mailbox == mailbox })
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

func (c *conversation) key(uid mailbox.UID) mailKey {
	return mailKey{c.folder.MailboxID, c.folder.Name, c.folder.Epoch, c.folder.UIDValidity, int64(uid)}
}

func (c *conversation) keys(uids []mailbox.UID) []mailKey {
	out := make([]mailKey, len(uids))
	for i, u := range uids {
		out[i] = c.key(u)
	}
	return out
}

func uidsOf(batch []mailbox.Meta) []mailbox.UID {
	out := make([]mailbox.UID, len(batch))
	for i, m := range batch {
		out[i] = m.UID
	}
	return out
}

// without leaves of some mails those that are not among others.
func without(uids, others []mailbox.UID) []mailbox.UID {
	return slices.DeleteFunc(slices.Clone(uids), func(u mailbox.UID) bool { return slices.Contains(others, u) })
}

// failures is how often in a row a mail was not handed out.
func (c *conversation) failures(m mailbox.Meta) int { return c.in.withheld.get(c.key(m.UID)).failures }

// alone tells whether a mail is asked for by itself because it was not handed out before.
func (c *conversation) alone(m mailbox.Meta) bool { return c.failures(m) > 0 }

// leaves tells whether this pass does not ask for what failed before: it did so already, or the mail rests, or the pass has connected anew often
// enough.
func (c *conversation) leaves(r refusal) bool {
	return r.failures > 0 && (!r.last.Before(c.began) || r.restsAt(c.began) || c.anew >= connectsAnew)
}

// refused notes that the server did not hand out what it was asked for, and connects anew for the others. What is our own fault, and more refusals
// than a pass bears, end the pass.
func (c *conversation) refused(ctx context.Context, w *withheld, uids []mailbox.UID, why error) error {
	if ctx.Err() != nil || ours(why) {
		return why
	}
	large := len(uids) == 1 && w.get(c.key(uids[0])).failures > 0 && errors.Is(why, mailbox.ErrTooMuch)
	w.failed(c.keys(uids), text(why), large, time.Now())
	if c.refusal == nil {
		c.refusal = why
	}
	if c.anew++; c.anew > connectsAnew {
		return why
	}
	return c.connect(ctx)
}

// connect goes on over another connection: after an error the one before is in doubt.
func (c *conversation) connect(ctx context.Context) error {
	m, err := mailbox.Connect(ctx, c.box.account)
	if err != nil {
		return err
	}
	c.m.Close()
	c.m = m
	sel, err := m.Select(ctx, c.folder.Name)
	if err == nil && int64(sel.UIDValidity) != c.folder.UIDValidity {
		err = fmt.Errorf("%w: it numbered the mails of %q anew meanwhile", mailbox.ErrNonsense, c.folder.Name)
	}
	return err
}

// leave notes, and answers, mails that the pass had to leave at the server.
func (c *conversation) leave(w *withheld, uids []mailbox.UID) []mailbox.UID {
	for _, u := range uids {
		c.left[u] = w.get(c.key(u))
	}
	return uids
}

// noteRefusals writes down how many mails of the folder the server does not hand out, alone and again and again, and how many it does not mark. A
// pass that did not come to its end can only know of more than before.
func (c *conversation) noteRefusals(ctx context.Context, ended bool) error {
	was, now := c.folder.Refusals, inbound.Refusals{Unmarked: c.unmarked}
	for _, u := range slices.Sorted(maps.Keys(c.left)) {
		if r := c.left[u]; r.lasts() {
			now.Withheld.N, now.Withheld.Said = now.Withheld.N+1, r.said
		}
	}
	for _, kind := range []struct {
		what     string
		was, now *inbound.Refusal
	}{{"hand out", &was.Withheld, &now.Withheld}, {"mark as read", &was.Unmarked, &now.Unmarked}} {
		switch {
		case !ended && kind.now.N <= kind.was.N:
			*kind.now = *kind.was
		case kind.now.N > 0 && *kind.now != *kind.was:
			c.in.o.Log.Warn("the server does not "+kind.what+" mails", "mailbox", c.box.Name, "folder", c.folder.Name, "mails", kind.now.N, "said", kind.now.Said)
		}
	}
	if now == was {
		return nil
	}
	return c.in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return inbound.NoteRefusals(ctx, tx, c.folder, now) })
}
