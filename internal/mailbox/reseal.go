package mailbox

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/internal/pg"
)

// sealed is a row that holds something sealed.
type sealed struct {
	ID     int64
	Name   string
	Secret []byte
}

// Reseal seals every password, and every Message-ID key of the past, for another key, and says how many passwords. One that cannot be opened
// stops it with the mailbox's name.
func Reseal(ctx context.Context, tx *pg.Tx, from, to *Sealer) (int, error) {
	passwords, err := pg.List[sealed](ctx, tx, `SELECT id, format('mailbox %s', name) AS name, secret FROM mailbox ORDER BY id FOR UPDATE`)
	if err != nil {
		return 0, fmt.Errorf("read the sealed passwords: %w", err)
	}
	ids, secrets, err := resealAll(passwords, from, to, ofPassword)
	if err != nil {
		return 0, err
	}
	if _, err = pg.Exec(ctx, tx, `
		UPDATE mailbox SET secret = x.secret FROM unnest($1::bigint[], $2::bytea[]) AS x (id, secret) WHERE mailbox.id = x.id`, ids, secrets); err != nil {
		return 0, fmt.Errorf("seal the passwords anew: %w", err)
	}
	keys, err := pg.List[sealed](ctx, tx, `SELECT id, 'retired key ' || id AS name, secret FROM retired_id_key ORDER BY id FOR UPDATE`)
	if err != nil {
		return 0, fmt.Errorf("read the retired keys: %w", err)
	}
	if ids, secrets, err = resealAll(keys, from, to, ofIDKey); err != nil {
		return 0, err
	}
	if _, err = pg.Exec(ctx, tx, `
		UPDATE retired_id_key SET secret = x.secret FROM unnest($1::bigint[], $2::bytea[]) AS x (id, secret) WHERE retired_id_key.id = x.id`, ids, secrets); err != nil {
		return 0, fmt.Errorf("seal the retired keys anew: %w", err)
	}
	return len(passwords), nil
}

func resealAll(list []sealed, from, to *Sealer, purpose []byte) (ids []int64, secrets [][]byte, err error) {
	for _, s := range list {
		plain, err := from.open(s.Secret, purpose)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		ids, secrets = append(ids, s.ID), append(secrets, to.seal(plain, purpose))
	}
	return ids, secrets, nil
}

// RetireIDKey keeps a key that signed Message-IDs until now, so that answers to letters sent before are still known as such (RELIABILITY 4, rule 1).
func RetireIDKey(ctx context.Context, tx *pg.Tx, key []byte, seal *Sealer) error {
	if _, err := pg.Exec(ctx, tx, `INSERT INTO retired_id_key (secret, retired_at) VALUES ($1, $2)`, seal.seal(key, ofIDKey), tx.Now); err != nil {
		return fmt.Errorf("retire a key: %w", err)
	}
	return nil
}

// RetiredIDKeys are those keys, the latest first. The error names what cannot be opened; the others come all the same.
func RetiredIDKeys(ctx context.Context, r pg.Reader, seal *Sealer) ([][]byte, error) {
	list, err := pg.List[sealed](ctx, r, `SELECT id, '' AS name, secret FROM retired_id_key ORDER BY id DESC`)
	if err != nil {
		return nil, fmt.Errorf("read the retired keys: %w", err)
	}
	var keys [][]byte
	var wrong error
	for _, s := range list {
		key, err := seal.open(s.Secret, ofIDKey)
		if err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("retired Message-ID key %d: %w", s.ID, err))
			continue
		}
		keys = append(keys, key)
	}
	return keys, wrong
}
