package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/internal/agent"
	"frontdesk/internal/fault"
	"frontdesk/internal/filter"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// MaxTag is the longest name of a tag, in characters; MostNames is how many names are read at once, more than a ticket may have tags.
const (
	MaxTag    = 50
	MostNames = 51
)

// Tag is a label that agents choose.
type Tag struct {
	ID   int64
	Name string
}

// TagNames cuts what was typed at its commas into names that a filter can ask for: one kind of space, none empty, none twice whatever the case, at most
// MaxTag characters. It reads MostNames of them.
func TagNames(typed string) []string {
	names := []string{}
	for s := range strings.SplitSeq(filter.Clean(typed), ",") {
		name := []rune(strings.Join(strings.Fields(s), " "))
		said := strings.TrimSpace(string(name[:min(len(name), MaxTag)]))
		if said != "" && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, said) }) {
			names = append(names, said)
		}
		if len(names) == MostNames {
			break
		}
	}
	return names
}

// Nameless tells whether no tag may have this name: to a filter it means that a ticket has none.
func Nameless(name string) bool { return strings.EqualFold(name, filter.None) }

// Tags lists the first tags in order of name.
func Tags(ctx context.Context, r pg.Reader, most int) ([]Tag, error) {
	list, err := pg.List[Tag](ctx, r, `SELECT id, name FROM tag ORDER BY name COLLATE "und-x-icu" LIMIT $1`, most)
	if err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	return list, nil
}

// NeedTags finds the tags of these names, whatever the case, and makes those that are new when by may (tag.create); else fault.Invalid says which
// one there is not, or which may not be.
func NeedTags(ctx context.Context, tx *pg.Tx, by agent.Agent, names []string) ([]Tag, error) {
	if by.Can(agent.TagCreate) {
		_, err := pg.Exec(ctx, tx, `
			INSERT INTO tag (name, created_at) SELECT name, $2 FROM unnest($1::text[]) AS x (name)
			WHERE NOT EXISTS (SELECT FROM tag WHERE lower(tag.name) = lower(x.name)) ON CONFLICT DO NOTHING`, slices.DeleteFunc(slices.Clone(names), Nameless), tx.Now)
		if err != nil {
			return nil, fmt.Errorf("make tags: %w", err)
		}
	}
	var b pg.Batch
	var found []Tag
	var unknown []string
	pg.Ask(&b, &found, tagsNamed, names)
	pg.Ask(&b, &unknown, `
		SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS x (name, n) WHERE NOT EXISTS (SELECT FROM tag WHERE lower(tag.name) = lower(x.name)) ORDER BY n`, names)
	if err := b.Run(ctx, tx); err != nil {
		return nil, fmt.Errorf("find tags: %w", err)
	}
	if len(unknown) > 0 {
		if by.Can(agent.TagCreate) {
			return nil, fault.Invalid{"tags": fault.Because(text.RefusalNamelessTag, "name", unknown[0])}
		}
		return nil, fault.Invalid{"tags": fault.Because(text.RefusalNoSuchTag, "name", unknown[0])}
	}
	return found, nil
}

// tagsNamed leaves to the database which names are the same but for the case: others see some letters otherwise.
const tagsNamed = `SELECT id, name FROM tag WHERE lower(name) = ANY(SELECT lower(x) FROM unnest($1::text[]) AS x) ORDER BY id`

// TagsNamed finds the tags of these names, whatever the case; names nobody gave are left out.
func TagsNamed(ctx context.Context, r pg.Reader, names []string) ([]Tag, error) {
	list, err := pg.List[Tag](ctx, r, tagsNamed, names)
	if err != nil {
		return nil, fmt.Errorf("find tags: %w", err)
	}
	return list, nil
}

// SuggestTags offers tags for what has been typed so far: those that begin so first, then those that contain it.
func SuggestTags(ctx context.Context, r pg.Reader, typed string, limit int) ([]Tag, error) {
	list, err := pg.List[Tag](ctx, r, `
		SELECT id, name FROM tag WHERE position(lower($1) IN lower(name)) > 0
		ORDER BY starts_with(lower(name), lower($1)) DESC, name COLLATE "und-x-icu" LIMIT $2`, typed, limit)
	if err != nil {
		return nil, fmt.Errorf("suggest tags: %w", err)
	}
	return list, nil
}
