package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"frontdesk/internal/pg"
)

// Verify reads all bytes there are, chunk by chunk in one statement, and returns the ids of those whose size or SHA-256 is not the one noted with
// them. It takes as long as that takes, so r should be patient (pg.Patient).
func Verify(ctx context.Context, r pg.Reader) (damaged []int64, err error) {
	rows, err := r.Query(ctx, `
		SELECT b.id, b.size, b.sha256, c.bytes FROM blob b LEFT JOIN blob_chunk c ON c.blob_id = b.id ORDER BY b.id, c.n`)
	if err != nil {
		return nil, fmt.Errorf("verify bytes: %w", err)
	}
	var now struct {
		id, size int64
		sum      []byte
	}
	v := verifier{hash: sha256.New()}
	_, err = pgx.ForEachRow(rows, []any{&now.id, &now.size, &now.sum, (*pgtype.DriverBytes)(&v.piece)}, func() error {
		v.take(now.id, now.size, now.sum)
		return nil
	})
	v.end()
	if err != nil {
		return nil, fmt.Errorf("verify bytes: %w", err)
	}
	return v.damaged, nil
}

// verifier sums up one blob after the other.
type verifier struct {
	hash    hash.Hash
	piece   []byte // of the row at hand
	id      int64
	left    int64
	sum     []byte
	damaged []int64
}

func (v *verifier) take(id, size int64, sum []byte) {
	if id != v.id {
		v.end()
		v.id, v.left, v.sum = id, size, sum
		v.hash.Reset()
	}
	v.hash.Write(v.piece)
	v.left -= int64(len(v.piece))
}

func (v *verifier) end() {
	if v.id != 0 && (v.left != 0 || !bytes.Equal(v.hash.Sum(nil), v.sum)) {
		v.damaged = append(v.damaged, v.id)
	}
}
