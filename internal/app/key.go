package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/internal/config"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/mailbox"
	"frontdesk/internal/pg"
)

// keyCheck is the parameter that names the key of the installation by its check value. Everything sealed in the database is sealed with that key.
const keyCheck = "key_check"

var (
	errOtherKey = errors.New("FRONTDESK_SECRET_KEY is not the key of this database; sealed passwords could not be opened. Give the present key " +
		"(without the variable it lies in the file secret.key of the data directory; after `frontdesk key rotate` it is the new one)")
	errRotated = errors.New("the secret key was rotated: what this process holds opens nothing any more; start it again with the new key")
	errSameKey = errors.New("the new key is the present one")
)

// checkKey holds this process's key against the database's. A rotation that broke off before the file was changed is brought to its end.
func (d *Desk) checkKey(ctx context.Context) error {
	var check string
	err := d.DB.InTx(ctx, func(tx *pg.Tx) (err error) {
		check, err = desk.SetParamOnce(ctx, tx, keyCheck, d.Keys.Check())
		return err
	})
	if err != nil {
		return fmt.Errorf("check the key: %w", err)
	}
	if check == d.Keys.Check() {
		return nil
	}
	keys, ok, err := d.Config.AdoptKeys(check)
	if err == nil && !ok {
		err = errOtherKey
	}
	d.Keys = keys
	return err
}

// Sealer seals what tx writes: the key stays the present one until tx ends.
func (d *Desk) Sealer(ctx context.Context, tx *pg.Tx) (*mailbox.Sealer, error) {
	check, err := desk.HoldParam(ctx, tx, keyCheck)
	if err != nil {
		return nil, err
	}
	if check != d.Keys.Check() {
		return nil, errRotated
	}
	return mailbox.NewSealer(d.Keys.Seal())
}

// RotateKey makes next the key of the installation and returns how many passwords were sealed anew. One commit changes all that is sealed, the
// check value and the list of keys whose Message-IDs count; a key file follows it, now or at the next start. Servers at work end by themselves.
func (d *Desk) RotateKey(ctx context.Context, next config.Keys) (int, error) {
	if next.Check() == d.Keys.Check() {
		return 0, errSameKey
	}
	var n int
	// Durable, for the file that follows does not come back either.
	err := d.DB.InTxAsking(ctx, (*pg.Batch).Durable, func(tx *pg.Tx) (err error) {
		n, err = d.rotate(ctx, tx, next)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("rotate the key: %w", err)
	}
	d.Keys = next
	_, _, err = d.Config.AdoptKeys(next.Check())
	if err != nil {
		err = fmt.Errorf("the key was rotated, but its file is not in place yet; the next start will try again: %w", err)
	}
	return n, err
}

func (d *Desk) rotate(ctx context.Context, tx *pg.Tx, next config.Keys) (int, error) {
	from, err := mailbox.NewSealer(d.Keys.Seal())
	if err != nil {
		return 0, err
	}
	to, err := mailbox.NewSealer(next.Seal())
	if err != nil {
		return 0, err
	}
	// First, so that of two rotations one waits here, and whoever seals something has either committed or finds the new key.
	ok, err := desk.ReplaceParam(ctx, tx, keyCheck, d.Keys.Check(), next.Check())
	if err == nil && !ok {
		err = errRotated
	}
	if err != nil {
		return 0, err
	}
	n, err := mailbox.Reseal(ctx, tx, from, to)
	if err != nil {
		return 0, err
	}
	if err := mailbox.RetireIDKey(ctx, tx, d.Keys.MessageID(), to); err != nil {
		return 0, err
	}
	event.Ring(tx, keyRing)
	err = event.Record(tx, event.Event{SubjectKind: event.OfDesk, Kind: event.AdminChanged,
		Data: event.Data{Name: "secret_key", Changes: []event.Change{{Field: "secret_key", NewName: "changed"}}}})
	if err != nil {
		return 0, err
	}
	return n, d.Config.StageKeys(next)
}

// keyRing tells processes at work that the key was rotated.
const keyRing = "k:"

// keyWatch ends a server whose key was rotated: it could open no password any more, and would sign Message-IDs and cookies with a key of the past.
type keyWatch struct {
	d     *Desk
	rings *event.Broker
}

// unrung is how often it looks without having been told.
const unrung = 30 * time.Second

func (k keyWatch) run(ctx context.Context) error {
	w := k.rings.Watch(keyRing)
	defer w.Close()
	for {
		check, err := desk.Param[string](ctx, k.d.DB, keyCheck)
		if err == nil && check != k.d.Keys.Check() { // an error says nothing: it looks again
			return errRotated
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.Wake:
			w.Take()
		case <-time.After(unrung):
		}
	}
}
