package delivery

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/outbox"
)

// What the server said of a letter exists only here, so it is kept until the database takes it: one that is full at a provider, or has become the
// second of two, reads on and takes no writes.
func TestADatabaseThatTakesNoWritesLeavesNoLetterInDoubt(t *testing.T) {
	t.Parallel()
	sink := mailworld.StartSink(t)
	d := atSink(t, sink)
	takesWrites := func(set string) {
		writer := d.writer()
		defer writer.Close(context.Background())
		for _, sql := range []string{
			`DO $$BEGIN EXECUTE format('ALTER DATABASE %I ` + set + `', current_database()); END$$`,
			`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
		} {
			if _, err := writer.Exec(context.Background(), sql); err != nil {
				t.Error(err)
			}
		}
	}
	shut := make(chan struct{})
	sink.Fail(mailworld.Fault{Phase: "dot", Keep: true, Code: 250, Text: "2.0.0 queued", While: func() {
		takesWrites(`SET default_transaction_read_only = on`)
		close(shut)
	}})
	id := d.put(alice)
	done := make(chan error, 1)
	s := d.sender()
	go func() { done <- s.Once(t.Context()) }()
	<-shut
	watcher := d.writer()
	d.eventually("an answer that cannot be written", func() (tried bool) {
		err := watcher.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query = 'ROLLBACK')`).Scan(&tried)
		return tried || err != nil
	})
	watcher.Close(context.Background())
	takesWrites(`RESET default_transaction_read_only`)
	<-done
	if v := d.delivery(id); v.State != outbox.Sent || v.Twice || len(sink.Ledger()) != 1 {
		t.Errorf("%+v", v)
	}
}

// writer is a connection that the setting does not bind.
func (d *desk) writer() *pgx.Conn {
	d.Helper()
	cfg, err := pgx.ParseConfig(d.url)
	if err != nil {
		d.Fatal(err)
	}
	cfg.RuntimeParams["default_transaction_read_only"] = "off"
	c, err := pgx.ConnectConfig(d.Context(), cfg)
	if err != nil {
		d.Error(err)
	}
	return c
}
