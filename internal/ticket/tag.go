package ticket

import (
	"context"
	"slices"

	"frontdesk/internal/agent"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// MaxTags is how many tags a ticket may have.
const MaxTags = desk.MostNames - 1

var tooManyTags = fault.Invalid{"tags": fault.Because(text.RefusalTooManyTags, "limit", MaxTags)}

// findTags turns the names of a change into tags. Only who holds tag.create makes new ones; a tag to take off that nobody knows is off already.
func findTags(ctx context.Context, tx *pg.Tx, by agent.Agent, r *row, c *Change) (err error) {
	if max(len(c.AddTags), len(c.DropTags)) > MaxTags {
		return tooManyTags
	}
	if len(c.AddTags) > 0 {
		if c.add, err = desk.NeedTags(ctx, tx, by, c.AddTags); err != nil {
			return err
		}
	}
	if len(c.DropTags) > 0 {
		if c.drop, err = desk.TagsNamed(ctx, tx, c.DropTags); err != nil {
			return err
		}
	}
	after := len(r.TagIDs)
	for _, change := range tagged(r.TagIDs, c.add, c.drop) {
		if change.New != 0 {
			after++
		} else {
			after--
		}
	}
	if after > MaxTags {
		return tooManyTags
	}
	return nil
}

// tagged are the differences that adding and dropping make to the tags a ticket has, one each.
func tagged(has []int64, add, drop []desk.Tag) []event.Change {
	var out []event.Change
	for _, t := range add {
		if !slices.Contains(has, t.ID) {
			out = append(out, event.Change{Field: "tag", New: t.ID, NewName: t.Name})
		}
	}
	for _, t := range drop {
		if slices.Contains(has, t.ID) {
			out = append(out, event.Change{Field: "tag", Old: t.ID, OldName: t.Name})
		}
	}
	return out
}

// retag is has with one tag taken off, put on, or both; 0 = none.
func retag(has []int64, off, on int64) []int64 {
	has = slices.DeleteFunc(slices.Clone(has), func(id int64) bool { return id == off || id == on })
	if on != 0 {
		has = append(has, on)
	}
	return has
}
