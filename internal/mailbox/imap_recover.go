package mailbox

import (
	"context"
	"io"

	"github.com/emersion/go-imap/v2"
)

// pieceBySeq fetches a section by sequence number, for servers that send UID behind the body, which the library drops without an error
// (STACK 3.4, 3), and after an answer that was taken up by somebody else's flag change. The number is trusted only if no message was
// expunged between learning and using it.
func (m *IMAP) pieceBySeq(ctx context.Context, uid UID, part *imap.FetchItemBodySection, limit int64, w io.Writer) (int64, error) {
	before := m.expunges.Load()
	seq, err := m.seqOf(ctx, uid)
	if err != nil {
		return 0, err
	}
	n, found, err := m.pieceOf(ctx, imap.SeqSetNum(seq), part, limit, w)
	if err != nil {
		return n, err
	}
	if again, err := m.seqOf(ctx, uid); err != nil || again != seq || m.expunges.Load() != before {
		m.hangUp()
		return n, ErrNonsense
	}
	if !found {
		m.hangUp()
		return 0, ErrNonsense
	}
	m.bySeq = true
	return n, nil
}

// seqOf asks for the sequence number of a message, ErrGone when there is none.
func (m *IMAP) seqOf(ctx context.Context, uid UID) (uint32, error) {
	var seq uint32
	err := m.do(ctx, m.lim.Command, m.lim.Bytes, func() error {
		return m.told(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, RFC822Size: true}, func(n uint32, meta Meta) {
			if meta.UID == uid {
				seq = n
			}
		})
	})
	if err == nil && seq == 0 {
		err = ErrGone
	}
	return seq, err
}
