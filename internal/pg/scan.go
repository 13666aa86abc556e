package pg

import (
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// byName tells whether a row is read by the names of its columns, as structs are; everything else (numbers, text, times, bytes) is the only column.
func byName[T any]() bool {
	t := reflect.TypeFor[T]()
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]()
}

// one reads a single row.
func one[T any](rows pgx.Rows) (T, error) {
	if byName[T]() {
		return pgx.CollectOneRow(rows, pgx.RowToStructByName[T])
	}
	return pgx.CollectOneRow(rows, pgx.RowTo[T])
}

// collect reads all rows, never nil. pgx would find out for each of them which column goes where; they are all alike.
func collect[T any](rows pgx.Rows) ([]T, error) {
	if !byName[T]() {
		return pgx.CollectRows(rows, pgx.RowTo[T])
	}
	defer rows.Close()
	all := []T{}
	var row *T
	var l layout
	for rows.Next() {
		if row == nil {
			var err error
			l.columns = rows.FieldDescriptions()
			if row, err = pgx.RowToAddrOfStructByName[T](&l); err != nil {
				return nil, err
			}
		}
		*row = *new(T)
		if err := rows.Scan(l.fields...); err != nil {
			return nil, err
		}
		all = append(all, *row)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return all, nil
}

// layout is a row without values: what is read from it only shows which fields the columns go into.
type layout struct {
	columns []pgconn.FieldDescription
	fields  []any
}

// Scan implements pgx.CollectableRow.
func (l *layout) Scan(fields ...any) error {
	l.fields = fields
	return nil
}

// FieldDescriptions implements pgx.CollectableRow.
func (l *layout) FieldDescriptions() []pgconn.FieldDescription { return l.columns }

// Values implements pgx.CollectableRow.
func (*layout) Values() ([]any, error) { return nil, nil }

// RawValues implements pgx.CollectableRow.
func (*layout) RawValues() [][]byte { return nil }
