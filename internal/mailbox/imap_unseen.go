package mailbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// maxNamed bounds what a search may name, however few bytes it takes for that. Nothing is left out below it: what a search does not name is never taken.
const maxNamed = 4_000_000

// Meta is what is asked about a message before its body.
type Meta struct {
	UID          UID
	Size         int64 // RFC822.SIZE: what the server claims
	InternalDate time.Time
	Flags        []string
}

// Unseen names the messages of the opened folder, from a number on, that are neither seen nor deleted, in rising order. Never SINCE, never a high-water
// mark: those lose mail (RELIABILITY, section 2, step 3).
func (m *IMAP) Unseen(ctx context.Context, first UID) ([]UID, error) {
	select {
	case <-m.news: // what rang until here is answered by this search
	default:
	}
	uids, err := m.search(ctx, first, imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}})
	if err != nil {
		return nil, fmt.Errorf("search unseen mail: %w", err)
	}
	return uids, nil
}

// Since names all messages the server took in on or after the day, seen or not: for the safety net only.
func (m *IMAP) Since(ctx context.Context, day time.Time) ([]UID, error) {
	uids, err := m.search(ctx, 1, imap.SearchCriteria{Since: day, NotFlag: []imap.Flag{imap.FlagDeleted}})
	if err != nil {
		return nil, fmt.Errorf("search recent mail: %w", err)
	}
	return uids, nil
}

// From names all messages with this number or a higher one that the server took in on or after the day, seen or not: for mailboxes that take
// what others have read.
func (m *IMAP) From(ctx context.Context, first UID, day time.Time) ([]UID, error) {
	uids, err := m.search(ctx, first, imap.SearchCriteria{Since: day, NotFlag: []imap.Flag{imap.FlagDeleted}})
	if err != nil {
		return nil, fmt.Errorf("search mail from %d on: %w", first, err)
	}
	return uids, nil
}

// search names the messages of this number or a higher one, in rising order.
func (m *IMAP) search(ctx context.Context, first UID, what imap.SearchCriteria) ([]UID, error) {
	if first > 1 {
		what.UID = []imap.UIDSet{{imap.UIDRange{Start: first}}}
	}
	var uids []UID
	err := m.do(ctx, m.lim.Command, m.lim.Bytes, func() error {
		d, err := m.c.UIDSearch(&what, nil).Wait()
		if err != nil {
			return err
		}
		set, _ := d.All.(imap.UIDSet)
		for _, r := range set {
			if r.Start == 0 || r.Stop < r.Start {
				return fmt.Errorf("%w: the search named message 0 or *", ErrNonsense)
			}
			if uint64(r.Stop)-uint64(r.Start) >= maxNamed-uint64(len(uids)) {
				return ErrTooMuch
			}
			for u := uint64(max(r.Start, first)); u <= uint64(r.Stop); u++ { // first:* names the last message, however low its number (RFC 3501, 6.4.8)
				uids = append(uids, UID(u))
			}
		}
		return nil
	})
	slices.Sort(uids)
	return uids, err
}

// Envelopes asks for size, arrival and flags, in the order of uids. A message missing from the answer was expunged.
func (m *IMAP) Envelopes(ctx context.Context, uids []UID) ([]Meta, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	var out []Meta
	err := m.do(ctx, m.lim.Command, m.lim.Bytes, func() error {
		what := &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true, Flags: true}
		return m.told(imap.UIDSetNum(uids...), what, func(_ uint32, meta Meta) {
			if meta.UID != 0 && !(meta.InternalDate.IsZero() && meta.Size == 0) { // else flags of somebody's doing, told in passing
				out = append(out, meta)
			}
		})
	})
	if err != nil {
		return nil, fmt.Errorf("ask for sizes: %w", err)
	}
	slices.SortFunc(out, func(a, b Meta) int { return int(int64(a.UID) - int64(b.UID)) })
	return out, nil
}

// MarkSeen sets \Seen. It comes after the commit that stored the mail, and only then; its failure is harmless (the ledger knows the key). When the
// server refuses, the connection is as good as before.
func (m *IMAP) MarkSeen(ctx context.Context, uids []UID) error {
	if len(uids) == 0 {
		return nil
	}
	err := m.request(ctx, func() error {
		return m.c.Store(imap.UIDSetNum(uids...), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close()
	})
	if err != nil {
		return fmt.Errorf("mark mail as seen: %w", err)
	}
	return nil
}
