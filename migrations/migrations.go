// Package migrations holds the schema's history, forward only. A file is one transaction and safe while the previous version still runs;
// an index on a big table is a file of its own with CREATE INDEX CONCURRENTLY.
package migrations

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

// Files are the migrations in goose format, NNNN_what.sql.
//
//go:embed *.sql
var Files embed.FS

// Newest is the number of the last one.
func Newest() (int64, error) {
	list, err := Files.ReadDir(".")
	if err != nil || len(list) == 0 {
		return 0, fmt.Errorf("list the migrations: %w", err)
	}
	number, _, _ := strings.Cut(list[len(list)-1].Name(), "_") // in the order of names
	return strconv.ParseInt(number, 10, 64)
}
