package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"frontdesk/internal/pg"
)

// Refused tries within window that lead to *TooMany. A browser that was signed in to the account before answers only for itself, so
// strangers who guess at an account, or a colleague behind the same address, never lock its owner out.
const (
	window      = 15 * time.Minute
	fromOne     = 10 // one account from one address, or one known browser
	perAccount  = 50 // one account from everywhere
	perAddress  = 50 // everything from one address
	setUpFromIt = 10 // tries at the set-up token from one address
)

// TooMany says that no more tries are taken until After has passed. Key names the limit, for the log.
type TooMany struct {
	Key   string
	After time.Duration
}

// Error tells the wait.
func (t *TooMany) Error() string {
	return fmt.Sprintf("too many tries; again in %s", t.After.Round(time.Second))
}

type limit struct {
	key  string
	most int
}

// signInLimits puts the narrowest first.
func signInLimits(account string, v Visitor) []limit {
	if v.Device != "" {
		sum := sha256.Sum256([]byte(v.Device))
		return []limit{{"device:" + hex.EncodeToString(sum[:16]), fromOne}}
	}
	from := network(v.Address)
	return []limit{{"pair:" + account + " " + from, fromOne}, {"account:" + account, perAccount}, {"address:" + from, perAddress}}
}

// KnockSetUp counts a try at the set-up token; *TooMany when the address has had its share.
func KnockSetUp(ctx context.Context, tx *pg.Tx, address string) error {
	_, err := count(ctx, tx, []limit{{"setup:" + network(address), setUpFromIt}})
	return err
}

// count puts a failure down under every key, unless one of them is full: then nothing is written. Tries at one key go one after the other.
func count(ctx context.Context, tx *pg.Tx, limits []limit) ([]int64, error) {
	keys := make([]string, len(limits))
	for i, l := range limits {
		keys[i] = l.key
	}
	slices.Sort(keys) // one order for all, so that two never wait for each other
	if _, err := pg.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest($1::text[]) AS key`, keys); err != nil {
		return nil, fmt.Errorf("count a try: %w", err)
	}
	since := tx.Now.Add(-window)
	have, err := pg.List[struct {
		Key    string
		N      int
		Oldest time.Time
	}](ctx, tx, `SELECT key, count(*) AS n, min(at) AS oldest FROM sign_in_failure WHERE key = ANY($1) AND at > $2 GROUP BY key`, keys, since)
	if err != nil {
		return nil, fmt.Errorf("count a try: %w", err)
	}
	for _, h := range have {
		i := slices.IndexFunc(limits, func(l limit) bool { return l.key == h.Key })
		if h.N >= limits[i].most {
			return nil, &TooMany{Key: h.Key, After: max(time.Second, h.Oldest.Sub(since))}
		}
	}
	ids, err := pg.List[int64](ctx, tx, `INSERT INTO sign_in_failure (key, at) SELECT key, $2 FROM unnest($1::text[]) AS key RETURNING id`, keys, tx.Now)
	if err != nil {
		return nil, fmt.Errorf("count a try: %w", err)
	}
	return ids, nil
}
