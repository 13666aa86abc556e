package pg

import (
	"reflect"
	"sync/atomic"
)

// Kept is where a process keeps what it read from a database and may use again for as long as that still stands: one place for each type. What a
// transaction reads is kept by nobody, for it may never have been.
func Kept[T any](r Reader) *atomic.Pointer[T] {
	db, ok := r.(*DB)
	if !ok {
		return new(atomic.Pointer[T])
	}
	place, _ := db.kept.LoadOrStore(reflect.TypeFor[T](), new(atomic.Pointer[T]))
	return place.(*atomic.Pointer[T])
}
