package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// FetchBatch streams several small messages in one command, some five times faster than one by one: the caller keeps the sum of sizes
// bounded. fn is called once for each message that is there, in the server's order, and body ends with EOF only
// when it is complete; fn is quick, into memory or a local file. gone are those that were expunged; one
// that is neither handed to fn nor gone is there, and the server hands out nothing of it. Only when FetchBatch returned nil may what fn kept be stored: before
// the tagged OK nothing is accepted.
func (m *IMAP) FetchBatch(ctx context.Context, batch []Meta, fn func(meta Meta, body io.Reader) error) (gone []UID, err error) {
	if len(batch) == 0 {
		return nil, nil
	}
	missing := make(map[UID]Meta, len(batch))
	for _, b := range batch {
		missing[b.UID] = b
	}
	if !m.bySeq {
		if err := m.batch(ctx, missing, fn); err != nil {
			return nil, fmt.Errorf("fetch %d messages of %q: %w", len(batch), m.folder, err)
		}
	}
	for _, b := range batch {
		if _, ok := missing[b.UID]; !ok {
			continue
		}
		switch err := m.single(ctx, b, fn); {
		case errors.Is(err, ErrGone):
			gone = append(gone, b.UID)
		case err != nil && !errors.Is(err, ErrEmpty):
			return nil, fmt.Errorf("fetch message %d of %q: %w", b.UID, m.folder, err)
		}
	}
	return gone, nil
}

// batch is the fast way. What it delivered is taken out of missing.
func (m *IMAP) batch(ctx context.Context, missing map[UID]Meta, fn func(Meta, io.Reader) error) error {
	var set imap.UIDSet
	var sum int64
	for uid, b := range missing {
		set.AddNum(uid)
		sum += b.Size
	}
	all := &imap.FetchItemBodySection{Peek: true}
	return m.do(ctx, m.lim.forBytes(sum), sum+sum/10+m.lim.Bytes, func() error {
		cmd := m.c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{all}})
		return m.drain(cmd, func(uid UID, lit imap.LiteralReader) error {
			b, ok := missing[uid]
			if !ok {
				return nil
			}
			if b.Size > 0 && (lit == nil || lit.Size() == 0) {
				return nil // expunged, or told in passing: asked for alone
			}
			delete(missing, uid)
			return m.hand(b, lit, fn)
		})
	})
}

// hand gives one literal to fn and sees to it that all of it came. The time fn takes is not the server's.
func (m *IMAP) hand(b Meta, lit imap.LiteralReader, fn func(Meta, io.Reader) error) error {
	body := &whole{r: strings.NewReader("")}
	if lit != nil {
		body.r, body.left = lit, lit.Size()
	}
	if body.left > b.Size+b.Size/10+chunk {
		return ErrTooMuch
	}
	began := time.Now()
	err := fn(b, body)
	if own := time.Since(began) - body.waited; own > 10*time.Millisecond {
		m.w.pause(own)
	}
	if err == nil && body.left > 0 {
		_, err = io.Copy(io.Discard, body)
	}
	switch {
	case body.cut:
		return errCut
	case err != nil:
		return ours{err}
	}
	return nil
}

// whole is a literal that ends with an error unless all of it came.
type whole struct {
	r      io.Reader
	left   int64
	cut    bool
	waited time.Duration
}

// Read implements io.Reader.
func (b *whole) Read(p []byte) (int, error) {
	began := time.Now()
	n, err := b.r.Read(p)
	b.waited += time.Since(began)
	b.left -= int64(n)
	if err != nil && b.left > 0 {
		b.cut, err = true, errCut
	}
	return n, err
}

// single fetches one message that the fast way did not bring.
func (m *IMAP) single(ctx context.Context, b Meta, fn func(Meta, io.Reader) error) error {
	var buf appender
	if _, err := m.inChunks(ctx, b.UID, b.Size, &buf); err != nil {
		return err
	}
	return fn(b, bytes.NewReader(buf))
}
