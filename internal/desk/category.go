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

// branch is a category as it is stored.
type branch struct {
	ID       int64
	ParentID *int64
	Name     string
	Active   bool
}

// grown makes a tree of branches that stand in their order: each after the one it grows from.
func grown(branches []branch) (tree []Category) {
	from := map[int64][]branch{}
	for _, b := range branches {
		parent := int64(0)
		if b.ParentID != nil {
			parent = *b.ParentID
		}
		from[parent] = append(from[parent], b)
	}
	var grow func(c Category)
	grow = func(c Category) {
		for _, b := range from[c.ID] {
			k := Category{ID: b.ID, Name: b.Name, Path: b.Name, Active: b.Active && (c.Active || c.ID == 0)}
			if c.ID != 0 {
				k.Path, k.Depth = c.Path+" › "+b.Name, c.Depth+1
			}
			tree = append(tree, k)
			grow(k)
		}
	}
	grow(Category{})
	return tree
}

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
