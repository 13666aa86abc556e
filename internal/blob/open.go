package blob

import (
	"context"
	"errors"
	"fmt"
	"io"

	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
)

// Reader reads stored bytes chunk by chunk, each with a statement of its own: a slow download holds neither a transaction nor memory. It
// implements io.ReadSeeker and belongs to one goroutine.
type Reader struct {
	Size   int64
	SHA256 []byte

	ctx  context.Context
	from pg.Reader
	id   int64
	at   int64
	n    int64 // chunk in hand, -1 for none
	data []byte
}

// Open finds the bytes. fault.NotFound when there are none of that id. ctx ends the reading too.
func Open(ctx context.Context, r pg.Reader, id int64) (*Reader, error) {
	b, err := pg.One[struct {
		Size   int64
		SHA256 []byte `db:"sha256"`
		First  []byte
	}](ctx, r, `SELECT size, sha256, (SELECT bytes FROM blob_chunk WHERE blob_id = blob.id AND n = 0) AS first FROM blob WHERE id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("open blob %d: %w", id, err)
	}
	o := &Reader{Size: b.Size, SHA256: b.SHA256, ctx: ctx, from: r, id: id, n: -1}
	if int64(len(b.First)) == min(chunk, b.Size) { // most things are no larger: one round trip reads them whole
		o.n, o.data = 0, b.First
	}
	return o, nil
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if r.at >= r.Size {
		return 0, io.EOF
	}
	if err := r.load(r.at / chunk); err != nil {
		return 0, err
	}
	n := copy(p, r.data[r.at%chunk:])
	r.at += int64(n)
	return n, nil
}

func (r *Reader) load(n int64) error {
	if r.n == n {
		return nil
	}
	data, err := pg.One[[]byte](r.ctx, r.from, `SELECT bytes FROM blob_chunk WHERE blob_id = $1 AND n = $2`, r.id, n)
	if err == nil && int64(len(data)) != min(chunk, r.Size-n*chunk) {
		err = fault.NotFound
	}
	if err != nil {
		return fmt.Errorf("read chunk %d of blob %d: %w", n, r.id, err)
	}
	r.n, r.data = n, data
	return nil
}

// Seek implements io.Seeker.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.Size
	}
	if offset < 0 {
		return 0, errors.New("seek before the start")
	}
	r.at = offset
	return offset, nil
}
