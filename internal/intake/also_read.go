package intake

import (
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"frontdesk/internal/inbound"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// takeRead takes what another program has read since the mailbox was connected (PRODUCT M1): no search for unread mail names it. It looks at every
// mail above the highest number it has looked at, read or not, for what is unread now may be read before the next poll; so a poll costs nothing
// while nothing new has come, and each mail is looked at once. It is noted as looked at up to the first that the server withholds, no further. next
// is the number the server gives the next mail, 0 where it does not tell.
func (c *conversation) takeRead(ctx context.Context, next int64) error {
	from := c.folder.LookFrom(next)
	if from == next {
		return nil
	}
	// The day keeps out old mail that somebody moves here. It is the server's, in its own zone and by its own clock.
	uids, err := c.m.From(ctx, mailbox.UID(from), c.folder.ConnectedAt.Add(-24*time.Hour)) //nolint:gosec // a UID has 32 bits
	if err != nil {
		return err
	}
	was := c.in.looks.before(c.place(from), next)
	uids = slices.DeleteFunc(uids, func(u mailbox.UID) bool { return int64(u) <= was.upTo && !slices.Contains(was.left, u) })
	now := lookedAt{upTo: was.upTo}
	first := int64(math.MaxInt64) // that is left
	for part := range slices.Chunk(uids, perRound) {
		left, err := c.look(ctx, part)
		if err != nil {
			return err
		}
		for _, u := range left {
			first = min(first, int64(u))
		}
		last := int64(part[len(part)-1])
		if err := c.looked(ctx, min(last, first-1)); err != nil {
			return err
		}
		now.upTo, now.left = max(now.upTo, last), append(now.left, left...)
	}
	if now.upTo == 0 {
		return nil // nothing is there
	}
	if err := c.looked(ctx, min(now.upTo, first-1)); err != nil {
		return err
	}
	c.in.looks.note(c.place(c.folder.LookFrom(next)), now)
	return nil
}

// looked notes that all was looked at up to a number.
func (c *conversation) looked(ctx context.Context, uid int64) error {
	if uid == c.folder.LookedUID {
		return nil
	}
	return c.in.o.DB.InTx(ctx, func(tx *pg.Tx) error { return inbound.Looked(ctx, tx, &c.folder, uid) })
}

// place names where a look begins.
func (c *conversation) place(from int64) mailKey { return c.key(mailbox.UID(from)) } //nolint:gosec // a UID has 32 bits

// look takes of these what came after we connected and is not in the ledger, and answers what of it the server did not hand out.
func (c *conversation) look(ctx context.Context, uids []mailbox.UID) (left []mailbox.UID, err error) {
	metas, untold, err := c.sizes(ctx, uids)
	if err != nil {
		return nil, err
	}
	c.leave(&c.in.untold, untold)
	metas = slices.DeleteFunc(metas, func(m mailbox.Meta) bool { return c.folder.Before(arrivalOf(m)) })
	fresh, _, err := c.sort(ctx, metas)
	if err != nil {
		return nil, err
	}
	left, err = c.takeAll(ctx, fresh)
	return append(left, untold...), err
}

// looks remembers of each folder how far beyond a withheld mail it was looked, so that a poll asks for that one again and not for all that came
// since. It is forgotten with the process; then all of it is looked at once more.
type looks struct {
	mu sync.Mutex
	of map[mailKey]lookedAt
}

// lookedAt is that everything up to a number was looked at but for what is left.
type lookedAt struct {
	upTo int64
	left []mailbox.UID
}

// before is what the last look that began there came to; nothing where the server may have begun to count anew since.
func (l *looks) before(place mailKey, next int64) lookedAt {
	l.mu.Lock()
	defer l.mu.Unlock()
	if was := l.of[place]; was.upTo < next {
		return was
	}
	return lookedAt{}
}

// note remembers a look, for the next that begins there, and forgets those of the folder that began elsewhere.
func (l *looks) note(place mailKey, now lookedAt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.of, func(k mailKey, _ lookedAt) bool { return k.mailbox == place.mailbox && k.folder == place.folder })
	if len(now.left) > 0 {
		l.of[place] = now
	}
}
