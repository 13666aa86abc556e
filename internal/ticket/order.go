package ticket

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Order is how a list is sorted. A minus turns an order round; "" is the usual one.
type Order string

// The orders (PRODUCT L6). Tickets of one priority stand by their last change; tickets without a due time, last and by their last change.
const (
	ByChanged    Order = "changed"  // newest first
	ByCreated    Order = "created"  // newest first
	ByPriority   Order = "priority" // most pressing first
	ByDue        Order = "due"      // soonest first
	ByChangedUp  Order = "-changed"
	ByCreatedUp  Order = "-created"
	ByPriorityUp Order = "-priority"
)

// Orders are all of them.
var Orders = []Order{ByChanged, ByChangedUp, ByCreated, ByCreatedUp, ByPriority, ByPriorityUp, ByDue}

// Known tells whether there is such an order.
func (o Order) Known() bool { return slices.Contains(Orders, o) }

// stretch is a part of an order that one index holds in a row: its rows lie between those of the stretches before and after it.
type stretch struct {
	column string
	down   bool
	where  string // what parts it from the other stretches
	level  int    // the same, of a priority; 0 = any
}

func (o Order) stretches() []stretch {
	switch o {
	case ByChangedUp:
		return []stretch{{column: `changed_at`}}
	case ByCreated:
		return []stretch{{column: `created_at`, down: true}}
	case ByCreatedUp:
		return []stretch{{column: `created_at`}}
	case ByDue:
		return []stretch{{column: `next_due`, where: `next_due IS NOT NULL`}, {column: `changed_at`, down: true, where: `next_due IS NULL`}}
	case ByPriority, ByPriorityUp:
		var all []stretch
		for level := 1; level <= 4; level++ {
			all = append(all, stretch{column: `changed_at`, down: true, level: level})
		}
		if o == ByPriorityUp {
			slices.Reverse(all)
		}
		return all
	default:
		return []stretch{{column: `changed_at`, down: true}}
	}
}

// by sorts what the stretches gave, which is called t.
func (o Order) by(back bool) string {
	type key struct {
		of   string
		down bool
	}
	var keys []key
	switch all := o.stretches(); {
	case o == ByDue:
		keys = []key{{`t.stretch`, false}, {`CASE WHEN t.stretch = 0 THEN t.next_due END`, false}, {`CASE WHEN t.stretch = 0 THEN t.id END`, false}, {`t.changed_at`, true}, {`t.id`, true}}
	case len(all) > 1:
		keys = []key{{`t.stretch`, false}, {`t.changed_at`, true}, {`t.id`, true}}
	default:
		keys = []key{{`t.` + all[0].column, all[0].down}, {`t.id`, all[0].down}}
	}
	var s []string
	for _, k := range keys {
		if k.down != back {
			k.of += ` DESC`
		}
		s = append(s, k.of)
	}
	return strings.Join(s, `, `)
}

// place is a row's place in an order.
type place struct {
	stretch int
	at      time.Time
	id      int64 // 0: the beginning
	back    bool  // the page that ends there
	with    bool  // the row itself is on the page
}

// key writes a place; that of the usual order is the short one.
func (o Order) key(p place) string {
	key := strconv.FormatInt(p.at.UnixMicro(), 36) + "-" + strconv.FormatInt(p.id, 36)
	if o != ByChanged {
		key += "." + string(o) + "." + strconv.Itoa(p.stretch)
	}
	return key
}

// place reads the key of a filter; false when it is none of this order.
func (f Filter) place() (place, bool) {
	key := cmp.Or(f.After, f.Before, f.Start)
	if key == "" {
		return place{}, true
	}
	micros, number, _ := strings.Cut(key, "-")
	number, rest, _ := strings.Cut(number, ".")
	m, err1 := strconv.ParseInt(micros, 36, 64)
	n, err2 := strconv.ParseInt(number, 36, 64)
	_, digits, _ := strings.Cut(rest, ".")
	s, _ := strconv.Atoi(digits)
	p := place{stretch: s, at: time.UnixMicro(m).UTC(), id: n, back: f.After == "" && f.Before != "", with: f.After == "" && f.Before == ""}
	if err1 != nil || err2 != nil || n <= 0 || s < 0 || s >= len(f.Order.stretches()) || p.at.Year() < 1 || p.at.Year() > 9999 || f.Order.key(p) != key {
		return place{}, false
	}
	return p, true
}
