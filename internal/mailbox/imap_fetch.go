package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// chunk is how much of a body is asked for at once.
const chunk = 1 << 20

// Fetch writes the message to w without marking it, in chunks of 1 MiB, each accepted only with a complete literal and the tagged OK. It
// returns how many bytes it wrote, which may differ from size where a server's RFC822.SIZE is wrong; far more than size is an error.
// ErrGone when the message was expunged. When it fails, w holds a beginning: throw it away.
func (m *IMAP) Fetch(ctx context.Context, uid UID, size int64, w io.Writer) (int64, error) {
	n, err := m.inChunks(ctx, uid, size, w)
	if err != nil {
		return n, fmt.Errorf("fetch message %d of %q: %w", uid, m.folder, err)
	}
	return n, nil
}

func (m *IMAP) inChunks(ctx context.Context, uid UID, size int64, w io.Writer) (int64, error) {
	ceiling := size + size/10 + chunk
	var total int64
	for total <= ceiling {
		part := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Offset: total, Size: chunk}}
		n, err := m.piece(ctx, uid, part, chunk, w)
		total += n
		if err != nil {
			return total, err
		}
		if n == 0 || n < chunk && total >= size {
			return total, m.ended(ctx, uid, total, size)
		}
	}
	m.hangUp()
	return total, ErrTooMuch
}

// ended judges a body that came to its end. Less than the announced size may be a server that counts badly, but also a message expunged
// meanwhile: Dovecot then answers OK and hands out nothing. So the server is asked again whether the message is there.
func (m *IMAP) ended(ctx context.Context, uid UID, total, size int64) error {
	if total >= size {
		return nil
	}
	if err := m.do(ctx, m.lim.Command, m.lim.Bytes, func() error { return m.c.Noop().Wait() }); err != nil {
		return err
	}
	if _, err := m.seqOf(ctx, uid); err != nil {
		return err
	}
	if total == 0 {
		return ErrEmpty
	}
	return nil
}

// ErrEmpty says that a message is there, has a size, and still comes out empty. It is never stored.
var ErrEmpty = fmt.Errorf("%w: it hands out nothing of a message that is there", ErrNonsense)

// Header returns the header block of a message, at most limit bytes of it.
func (m *IMAP) Header(ctx context.Context, uid UID, limit int64) ([]byte, error) {
	part := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, Peek: true, Partial: &imap.SectionPartial{Size: limit}}
	var buf appender
	n, err := m.piece(ctx, uid, part, limit, &buf)
	if err == nil {
		err = m.ended(ctx, uid, n, 1)
	}
	if err != nil {
		return nil, fmt.Errorf("fetch the header of message %d of %q: %w", uid, m.folder, err)
	}
	return buf, nil
}

type appender []byte

// Write implements io.Writer.
func (a *appender) Write(p []byte) (int, error) { *a = append(*a, p...); return len(p), nil }

// piece fetches one section of one message, by UID; where the server hides it that way, by sequence number.
func (m *IMAP) piece(ctx context.Context, uid UID, part *imap.FetchItemBodySection, limit int64, w io.Writer) (int64, error) {
	if !m.bySeq {
		n, found, err := m.pieceOf(ctx, imap.UIDSetNum(uid), part, limit, w)
		if err != nil || found {
			return n, err
		}
	}
	return m.pieceBySeq(ctx, uid, part, limit, w)
}

// pieceOf fetches the section of the only message in set. found is false when the answer held no body.
func (m *IMAP) pieceOf(ctx context.Context, set imap.NumSet, part *imap.FetchItemBodySection, limit int64, w io.Writer) (n int64, found bool, err error) {
	err = m.do(ctx, m.lim.forBytes(limit), limit+m.lim.Bytes, func() error {
		cmd := m.c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{part}})
		return m.drain(cmd, func(_ UID, lit imap.LiteralReader) error {
			if found {
				return fmt.Errorf("%w: one body asked for, two sent", ErrNonsense)
			}
			found = true
			n, err = copyWhole(w, lit, limit)
			return err
		})
	})
	return n, found, err
}

// drain hands over the body of each message of a FETCH and always consumes the rest: a fetch left half-read blocks every later command
// (STACK 3.4, 2). When fn fails the socket is closed before draining. A literal that was cut off must not be touched again: the library's
// reader goes on by itself then, and its own draining would read beside it.
func (m *IMAP) drain(cmd *imapclient.FetchCommand, fn func(UID, imap.LiteralReader) error) error {
	var failed error
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		var uid UID
		for item := msg.Next(); item != nil; item = msg.Next() {
			switch d := item.(type) {
			case imapclient.FetchItemDataUID:
				uid = d.UID
			case imapclient.FetchItemDataBodySection:
				if failed != nil {
					continue
				}
				if failed = fn(uid, d.Literal); failed != nil {
					m.w.Close()
				}
				if errors.Is(failed, errCut) {
					<-m.c.Closed()
					return failed
				}
			}
		}
	}
	err := cmd.Close()
	if failed != nil {
		return failed
	}
	return err
}

// told reads the answers of a FETCH that asked for no body. A body all the same is an error.
func (m *IMAP) told(set imap.NumSet, what *imap.FetchOptions, fn func(seq uint32, meta Meta)) error {
	cmd := m.c.Fetch(set, what)
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		var meta Meta
		for item := msg.Next(); item != nil; item = msg.Next() {
			switch d := item.(type) {
			case imapclient.FetchItemDataUID:
				meta.UID = d.UID
			case imapclient.FetchItemDataRFC822Size:
				meta.Size = d.Size
			case imapclient.FetchItemDataInternalDate:
				meta.InternalDate = d.Time
			case imapclient.FetchItemDataFlags:
				for _, f := range d.Flags {
					meta.Flags = append(meta.Flags, string(f))
				}
			case imapclient.FetchItemDataBodySection, imapclient.FetchItemDataBinarySection:
				m.w.Close()
				go func() { _ = cmd.Close() }() // nobody reads the literal but this
				<-m.c.Closed()
				return fmt.Errorf("%w: a body nobody asked for", ErrNonsense)
			}
		}
		fn(msg.SeqNum, meta)
	}
	return cmd.Close()
}

// errCut says that a literal ended before its announced size; why is known to the watch.
var errCut = errors.New("the message was cut off")

// copyWhole copies a literal that must be complete: the library ends a cut one with a plain EOF (STACK 3.4, 5). NIL is empty.
func copyWhole(w io.Writer, lit imap.LiteralReader, limit int64) (int64, error) {
	if lit == nil {
		return 0, nil
	}
	if lit.Size() > limit {
		return 0, ErrTooMuch
	}
	out := &marked{w: w}
	n, err := io.Copy(out, lit)
	if out.err != nil {
		return n, out.err
	}
	if err != nil || n != lit.Size() { // whatever the connection said: the library reads on by itself now
		return n, errCut
	}
	return n, nil
}

// marked remembers that it was our side that failed.
type marked struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (m *marked) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	if err != nil {
		m.err = ours{err}
	}
	return n, err
}
