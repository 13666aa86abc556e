// Package migrations holds the schema's history, forward only. A file is one transaction and safe while the previous version still runs;
// an index on a big table is a file of its own with CREATE INDEX CONCURRENTLY.
package migrations

import "embed"

// Files are the migrations in goose format, NNNN_what.sql.
//
//go:embed *.sql
var Files embed.FS
