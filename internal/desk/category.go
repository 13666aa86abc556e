package desk

import (
	"context"
	"fmt"

	"frontdesk/internal/pg"
)

// Category is a branch of the tree tickets are sorted into.
type Category struct {
	ID     int64
	Name   string
	Path   string // "Damage › In transit"
	Depth  int    // 0 at the root
	Active bool   // may be chosen
}

// Categories lists the whole tree, each branch after the one it grows from.
func Categories(ctx context.Context, r pg.Reader) ([]Category, error) {
	return pg.List[Category](ctx, r, categoriesSQL)
}

// AskCategories adds Categories to a page's batch.
func AskCategories(b *pg.Batch, into *[]Category) { pg.Ask(b, into, categoriesSQL) }

const categoriesSQL = `
	WITH RECURSIVE tree AS (
		SELECT id, name, name AS path, 0 AS depth, active, ARRAY[ROW(position, name COLLATE "und-x-icu", id)] AS place
		FROM category WHERE parent_id IS NULL
		UNION ALL
		SELECT c.id, c.name, tree.path || ' › ' || c.name, tree.depth + 1, tree.active AND c.active, tree.place || ROW(c.position, c.name COLLATE "und-x-icu", c.id)
		FROM category c JOIN tree ON tree.id = c.parent_id)
	SELECT id, name, path, depth, active FROM tree ORDER BY place`

// CategoryPath is the path of one category, whose id follows.
const CategoryPath = `
	WITH RECURSIVE tree AS (
		SELECT id, name AS path FROM category WHERE parent_id IS NULL
		UNION ALL
		SELECT c.id, tree.path || ' › ' || c.name FROM category c JOIN tree ON tree.id = c.parent_id)
	SELECT path FROM tree WHERE id = `

// AddCategory makes a category below parent (0: at the root) and returns its id.
func AddCategory(ctx context.Context, tx *pg.Tx, parent int64, name string) (int64, error) {
	id, err := pg.One[int64](ctx, tx, `
		INSERT INTO category (parent_id, name, position)
		SELECT NULLIF($1::bigint, 0), $2, (SELECT COALESCE(max(position), 0) + 1 FROM category WHERE parent_id IS NOT DISTINCT FROM NULLIF($1::bigint, 0))
		RETURNING id`, parent, name)
	if err != nil {
		return 0, fmt.Errorf("add category %q: %w", name, err)
	}
	return id, nil
}
