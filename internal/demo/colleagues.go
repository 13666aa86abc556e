package demo

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/pg"
	"frontdesk/internal/ticket"
)

// labels are the tags and the tree of categories of Linden & Wald; "Damage › In transit" grows from "Damage".
var (
	labels     = []string{"damaged", "express", "invoice", "spare part", "vip", "showroom"}
	categories = [][]string{{"Damage", "In transit", "By the warehouse"}, {"Delivery", "Late", "Address"}, {"Invoice"}, {"Product question"}}
)

// sort puts the labels in place.
func sort(ctx context.Context, tx *pg.Tx) error {
	maker := agent.Agent{Permissions: []agent.Permission{agent.TagCreate}}
	if _, err := desk.NeedTags(ctx, tx, maker, labels); err != nil {
		return err
	}
	for _, branch := range categories {
		root, err := desk.AddCategory(ctx, tx, 0, branch[0])
		if err != nil {
			return err
		}
		for _, leaf := range branch[1:] {
			if _, err := desk.AddCategory(ctx, tx, root, leaf); err != nil {
				return err
			}
		}
	}
	return nil
}

// colleagues have begun to work when the first visitor comes: once, as soon as the first tickets are there, some of them are labelled, starred,
// observed, postponed.
func colleagues(ctx context.Context, db *pg.DB) error {
	for {
		done, err := worked(ctx, db)
		if err != nil && ctx.Err() == nil {
			slog.Warn("demo: the colleagues did nothing", "err", err)
		}
		if done || err != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func worked(ctx context.Context, db *pg.DB) (done bool, err error) {
	err = db.InTx(ctx, func(tx *pg.Tx) error {
		ids, err := pg.List[int64](ctx, tx, `SELECT id FROM ticket WHERE deleted_at IS NULL ORDER BY id LIMIT 6`)
		if err != nil || len(ids) < 6 {
			return err
		}
		done = true
		if tagged, err := pg.One[bool](ctx, tx, `SELECT EXISTS (SELECT FROM ticket WHERE tag_ids <> '{}')`); err != nil || tagged {
			return err
		}
		return work(ctx, tx, ids)
	})
	return done, err
}

// work is what Piotr did early in the morning, and what Emma and Beata keep an eye on.
func work(ctx context.Context, tx *pg.Tx, ids []int64) error {
	piotr, err := employee(ctx, tx, piotr.email)
	if err != nil {
		return err
	}
	damage, err := pg.One[int64](ctx, tx, `SELECT c.id FROM category c JOIN category up ON up.id = c.parent_id WHERE up.name = 'Damage' AND c.name = 'In transit'`)
	if err != nil {
		return err
	}
	for i, c := range []ticket.Change{
		{AddTags: []string{"damaged", "express"}, Category: ticket.To(damage), Assignee: ticket.To(piotr.ID)},
		{AddTags: []string{"invoice"}},
		{AddTags: []string{"vip"}},
	} {
		if err := ticket.Update(ctx, tx, piotr, ids[i], c); err != nil {
			return err
		}
	}
	if _, err := ticket.Postpone(ctx, tx, piotr, ids[3], ticket.To(tx.Now.Add(20*time.Hour).Truncate(time.Hour).Unix()), nil); err != nil {
		return err
	}
	for _, who := range []string{emma.email, beata.email} {
		by, err := employee(ctx, tx, who)
		if err != nil {
			return err
		}
		if err := ticket.Star(ctx, tx, by, ids[2], true); err != nil {
			return err
		}
		if err := ticket.Observe(ctx, tx, by, ids[0], true); err != nil {
			return err
		}
	}
	return nil
}

// employee is somebody as the verbs know them.
func employee(ctx context.Context, tx *pg.Tx, email string) (agent.Agent, error) {
	id, err := pg.One[int64](ctx, tx, `SELECT id FROM agent WHERE email = $1`, email)
	if err != nil {
		return agent.Agent{}, fmt.Errorf("find %s: %w", email, err)
	}
	return agent.Working(ctx, tx, id)
}
