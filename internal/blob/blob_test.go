package blob_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgtest"
)

func random(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(n)})
	r.Read(b)
	return b
}

func TestBytesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, n := range []int{0, 1, 256 << 10, 256<<10 + 1, 1 << 20, 3<<20 + 7} {
		want := random(n)
		s, err := blob.Spool(t.TempDir(), bytes.NewReader(want))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if s.SHA256 != sha256.Sum256(want) {
			t.Errorf("%d bytes: wrong hash", n)
		}
		var id int64
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			if id, err = blob.Put(t.Context(), tx, s); err != nil {
				t.Fatal(err)
			}
		})
		r, err := blob.Open(t.Context(), db, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(r, want); n < 2<<20 && err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		r.Seek(0, io.SeekStart)
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d came back, %v", n, len(got), err)
		}
	}
}

func TestSpoolLeavesNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := blob.Spool(dir, bytes.NewReader(random(2<<20)))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v lies in the directory", left)
	}
}

func TestSpoolTellsABrokenSource(t *testing.T) {
	t.Parallel()
	broken := io.MultiReader(bytes.NewReader(random(10)), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := blob.Spool(t.TempDir(), broken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestEqualBytesAreStoredOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	a, b := blob.Bytes([]byte("a")), blob.Bytes([]byte("b"))
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		first, err := blob.PutAll(t.Context(), tx, []*blob.Spooled{a, b, a})
		if err != nil || first[0] != first[2] || first[0] == first[1] {
			t.Fatal(first, err)
		}
		second, err := blob.Put(t.Context(), tx, blob.Bytes([]byte("a")))
		if err != nil || second != first[0] {
			t.Error(second, err)
		}
	})
	if n, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM blob_chunk`); n != 2 {
		t.Error(n, err)
	}
}

func TestOpenOfNothingIsNotFound(t *testing.T) {
	t.Parallel()
	if _, err := blob.Open(t.Context(), pgtest.New(t), 1); !errors.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestCollectRemovesOnlyOldUnusedBytes(t *testing.T) {
	t.Parallel()
	db, clock := pgtest.NewWithClock(t)
	put := func(text string) (id int64) {
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			var err error
			if id, err = blob.Put(t.Context(), tx, blob.Bytes([]byte(text))); err != nil {
				t.Fatal(err)
			}
		})
		return id
	}
	put("old and unused")
	used := put("old and used")
	// A table of a later version: Collect must learn of it by itself.
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		if _, err := pg.Exec(t.Context(), tx, `CREATE TABLE "Later" (x int, "File" bigint REFERENCES blob)`); err != nil {
			t.Fatal(err)
		}
		if _, err := pg.Exec(t.Context(), tx, `INSERT INTO "Later" VALUES (1, $1)`, used); err != nil {
			t.Fatal(err)
		}
	})
	clock.Advance(25 * time.Hour)
	fresh := put("fresh and unused")
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		if n, next, err := blob.Collect(t.Context(), tx, 0); n != 1 || next != 0 || err != nil {
			t.Error(n, next, err)
		}
	})
	left, err := pg.List[int64](t.Context(), db, `SELECT id FROM blob ORDER BY id`)
	if err != nil || len(left) != 2 || left[0] != used || left[1] != fresh {
		t.Error(left, err)
	}
	if n, _ := pg.One[int](t.Context(), db, `SELECT count(*) FROM blob_chunk`); n != 2 {
		t.Errorf("%d chunks are left", n)
	}
}

// A round goes through all blobs in steps, and no step removes more than a hundred.
func TestCollectGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	db, clock := pgtest.NewWithClock(t)
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		for _, sql := range []string{
			`INSERT INTO blob (sha256, size, created_at) SELECT sha256(n::text::bytea), 0, $1 FROM generate_series(1, 7000) n`,
			`CREATE TABLE later AS SELECT id AS file, $1::timestamptz AS at FROM blob WHERE id NOT BETWEEN 101 AND 350 AND id NOT BETWEEN 6901 AND 6950`,
		} {
			if _, err := pg.Exec(t.Context(), tx, sql, tx.Now); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := pg.Exec(t.Context(), tx, `ALTER TABLE later ADD FOREIGN KEY (file) REFERENCES blob`); err != nil {
			t.Fatal(err)
		}
	})
	clock.Advance(25 * time.Hour)
	var removed []int
	after := int64(0)
	for range 20 {
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			n, next, err := blob.Collect(t.Context(), tx, after)
			if err != nil {
				t.Fatal(err)
			}
			removed, after = append(removed, n), next
		})
		if after == 0 {
			break
		}
	}
	if want := []int{100, 100, 50, 0, 0, 50}; !slices.Equal(removed, want) {
		t.Errorf("steps removed %v, want %v", removed, want)
	}
	if left, err := pg.One[int](t.Context(), db, `SELECT count(*) FROM blob`); left != 6700 || err != nil {
		t.Error(left, err)
	}
}

func TestVerifyNamesWhatIsNotAsItWasStored(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var ids []int64
	pgtest.Tx(t, db, func(tx *pg.Tx) {
		for _, n := range []int{0, 10, 600 << 10, 700 << 10, 800 << 10, 20} {
			id, err := blob.Put(t.Context(), tx, blob.Bytes(random(n)))
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
	})
	if damaged, err := blob.Verify(t.Context(), db); len(damaged) != 0 || err != nil {
		t.Fatal(damaged, err)
	}
	for i, sql := range []string{
		`DELETE FROM blob_chunk WHERE blob_id = $1 AND n = 1`,
		`UPDATE blob_chunk SET bytes = set_byte(bytes, 7, 255 - get_byte(bytes, 7)) WHERE blob_id = $1 AND n = 2`,
		`DELETE FROM blob_chunk WHERE blob_id = $1`,
	} {
		pgtest.Tx(t, db, func(tx *pg.Tx) {
			if _, err := pg.Exec(t.Context(), tx, sql, ids[3+i]); err != nil {
				t.Fatal(err)
			}
		})
	}
	if damaged, err := blob.Verify(t.Context(), db); err != nil || !slices.Equal(damaged, ids[3:]) {
		t.Errorf("%v of %v, %v", damaged, ids, err)
	}
}
