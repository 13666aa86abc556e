package clock

import (
	"fmt"
	"testing"

	"frontdesk/internal/fixture"
	"frontdesk/internal/pg"
)

func TestMessagesWithoutWordsAreFilledInOnce(t *testing.T) {
	t.Parallel()
	d := fixture.New(t)
	for i := range batch + 5 {
		d.Open("ann@customer.test", fmt.Sprintf("Lamp %d", i), "flickers")
	}
	d.Tx(func(tx *pg.Tx) error {
		// As if they had been stored long ago, far below the newest.
		if _, err := pg.Exec(t.Context(), tx, `ALTER SEQUENCE message_id_seq RESTART WITH 9000`); err != nil {
			return err
		}
		_, err := pg.Exec(t.Context(), tx, `DELETE FROM search_document`)
		return err
	})
	d.Open("ann@customer.test", "Lamp", "new")
	f := &filling{db: d.DB}
	passes, filled := 0, 0
	for ; passes < 10; passes++ {
		n, err := f.once(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if filled += n; n == 0 {
			break
		}
	}
	if n := count(d, `SELECT count(*) FROM search_document`); filled != batch+5 || n != batch+6 {
		t.Errorf("%d filled in, %d documents, want %d and %d", filled, n, batch+5, batch+6)
	}
	if passes > 2 {
		t.Errorf("%d passes with work; messages that had words were filled in again", passes)
	}
}
