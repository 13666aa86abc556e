// Package blob keeps bytes by their content hash, in chunks, in Postgres: one commit is the whole truth of a mail and its files. Name and
// type of a file stand on the row that uses it.
package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
)

// chunk is the size of one row of bytes.
const chunk = 256 << 10

// Put stores s unless the same bytes are there already, and returns their id. The bytes stay as long as a row refers to them, and a day
// longer (Collect).
func Put(ctx context.Context, tx *pg.Tx, s *Spooled) (int64, error) {
	ids, err := PutAll(ctx, tx, []*Spooled{s})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

type stored struct {
	ID     int64
	SHA256 []byte `db:"sha256"`
}

// PutAll stores several in few round trips; ids[i] belongs to list[i], and equal bytes have equal ids.
func PutAll(ctx context.Context, tx *pg.Tx, list []*Spooled) ([]int64, error) {
	byHash := map[[32]byte]*Spooled{}
	for _, s := range list {
		byHash[s.SHA256] = s
	}
	have := map[[32]byte]int64{}
	for again := 0; len(have) < len(byHash); again++ {
		if again == 3 {
			return nil, errors.New("store bytes: rows come and go")
		}
		if err := putMissing(ctx, tx, byHash, have); err != nil {
			return nil, fmt.Errorf("store bytes: %w", err)
		}
	}
	ids := make([]int64, len(list))
	for i, s := range list {
		ids[i] = have[s.SHA256]
	}
	return ids, nil
}

// putMissing inserts what have lacks, in the order of hashes so that two writers of the same files never wait for each other in a ring,
// and looks up what was there before. A row that Collect takes away between the two is missing still: the caller comes again.
func putMissing(ctx context.Context, tx *pg.Tx, byHash map[[32]byte]*Spooled, have map[[32]byte]int64) error {
	var hashes, first [][]byte
	var sizes []int64
	for _, s := range inOrder(byHash) {
		if _, ok := have[s.SHA256]; ok {
			continue
		}
		head, err := s.piece(0)
		if err != nil {
			return err
		}
		hashes, sizes, first = append(hashes, s.SHA256[:]), append(sizes, s.Size), append(first, head)
	}
	fresh, err := pg.List[stored](ctx, tx, `
		WITH come AS (
			SELECT * FROM unnest(@hashes::bytea[], @sizes::bigint[], @first::bytea[]) AS come (sha256, size, bytes)
		), fresh AS (
			INSERT INTO blob (sha256, size, created_at) SELECT sha256, size, @now FROM come
			ON CONFLICT (sha256) DO NOTHING RETURNING id, sha256, size
		), chunks AS (
			INSERT INTO blob_chunk (blob_id, n, bytes)
			SELECT fresh.id, 0, come.bytes FROM fresh JOIN come USING (sha256) WHERE fresh.size > 0
		)
		SELECT id, sha256 FROM fresh`,
		pgx.NamedArgs{"hashes": hashes, "sizes": sizes, "first": first, "now": tx.Now})
	if err != nil {
		return err
	}
	for _, b := range fresh {
		s := byHash[[32]byte(b.SHA256)]
		have[s.SHA256] = b.ID
		if err := s.rest(ctx, tx, b.ID); err != nil {
			return err
		}
	}
	if len(fresh) == len(hashes) {
		return nil
	}
	// KEY SHARE keeps them from Collect until this transaction's own row refers to them.
	old, err := pg.List[stored](ctx, tx, `SELECT id, sha256 FROM blob WHERE sha256 = ANY($1) FOR KEY SHARE`, hashes)
	for _, b := range old {
		have[[32]byte(b.SHA256)] = b.ID
	}
	return err
}

func inOrder(byHash map[[32]byte]*Spooled) []*Spooled {
	list := make([]*Spooled, 0, len(byHash))
	for _, s := range byHash {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *Spooled) int { return bytes.Compare(a.SHA256[:], b.SHA256[:]) })
	return list
}

// piece reads chunk n.
func (s *Spooled) piece(n int64) ([]byte, error) {
	if s.file == nil {
		return s.memory[min(n*chunk, s.Size):min((n+1)*chunk, s.Size)], nil
	}
	b := make([]byte, min(chunk, s.Size-n*chunk))
	if _, err := s.file.ReadAt(b, n*chunk); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read back the spool file: %w", err)
	}
	return b, nil
}

// rest stores the chunks behind the first, one at a time.
func (s *Spooled) rest(ctx context.Context, tx *pg.Tx, id int64) error {
	for n := int64(1); n*chunk < s.Size; n++ {
		b, err := s.piece(n)
		if err != nil {
			return err
		}
		if _, err := pg.Exec(ctx, tx, `INSERT INTO blob_chunk (blob_id, n, bytes) VALUES ($1, $2, $3)`, id, n, b); err != nil {
			return err
		}
	}
	return nil
}
