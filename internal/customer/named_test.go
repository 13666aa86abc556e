package customer_test

import (
	"testing"

	"frontdesk/internal/customer"
	"frontdesk/internal/pg/pgtest"
)

func TestSignsInANameStandForThemselves(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if _, err := db.Pool().Exec(t.Context(), `
		WITH c AS (INSERT INTO customer (kind, name, created_at) VALUES ('company', '100% Wool\Silk_Ltd', now()), ('person', 'Ann Lee', now()) RETURNING id, name)
		INSERT INTO customer_address (customer_id, kind, value) SELECT id, 'email', 'ann_lee@example.org' FROM c WHERE name = 'Ann Lee'`); err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"100%": "100% Wool\\Silk_Ltd", "100％": "100% Wool\\Silk_Ltd", "wool＼silk": "100% Wool\\Silk_Ltd", "silk＿ltd": "100% Wool\\Silk_Ltd", "ann": "Ann Lee", "ann_lee": "Ann Lee",
		"％％％": "", "%%%": "", "＿＿＿": "", "ann＿": "", "abc＼": "", "ann%org": "",
	} {
		found, err := customer.Named(t.Context(), db, words, 5)
		got := ""
		for _, f := range found {
			got += f.Name
		}
		if err != nil || got != want {
			t.Errorf("%s finds %q, %v; want %q", words, got, err, want)
		}
	}
}

// TestANameThatBeginsSoIsFoundAmongHoweverMany: only some of those that hold it are looked at, but of both kinds.
func TestANameThatBeginsSoIsFoundAmongHoweverMany(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, sql := range []string{
		`INSERT INTO customer (kind, name, created_at) SELECT 'person', 'Zed Helen ' || n, now() FROM generate_series(1, 1000) n`,
		`INSERT INTO customer (kind, name, created_at) VALUES ('company', 'Helen Ltd', now())`,
	} {
		if _, err := db.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	found, err := customer.Named(t.Context(), db, "helen", 6)
	if err != nil || len(found) != 6 || found[0].Name != "Helen Ltd" {
		t.Errorf("found %+v, %v", found, err)
	}
}
