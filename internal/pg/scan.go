package pg

import (
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"
)

// scanner reads a struct by column name and everything else (numbers, text, times, bytes) as the only column.
func scanner[T any]() pgx.RowToFunc[T] {
	t := reflect.TypeFor[T]()
	if t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]() {
		return pgx.RowToStructByName[T]
	}
	return pgx.RowTo[T]
}
