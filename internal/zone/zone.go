// Package zone keeps the time zones that were asked for: the standard library reads one from disk each time, and every page asks for some.
package zone

import (
	"sync"
	"time"
)

var known sync.Map // by name

// Load is time.LoadLocation, read once for each name there is.
func Load(name string) (*time.Location, error) {
	if loc, ok := known.Load(name); ok {
		return loc.(*time.Location), nil
	}
	loc, err := time.LoadLocation(name)
	if err == nil {
		known.Store(name, loc)
	}
	return loc, err
}
