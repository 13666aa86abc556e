package agent

import (
	"slices"

	"frontdesk/internal/fault"
	"frontdesk/internal/text"
)

// Subject is the column no list does without.
const Subject = "subject"

// Columns are all columns a list of tickets can have, in their usual order.
var Columns = []string{"clock", "number", Subject, "customer", "status", "priority", "queue", "assignee", "tags", "category", "source", "created", "changed"}

// UsualColumns are those of an agent who has chosen none.
var UsualColumns = []string{"clock", "number", Subject, "customer", "status", "priority", "queue", "assignee", "created", "changed"}

// columnsOf are the columns of an agent who chose these. A name that another version knew is passed over.
func columnsOf(chosen []string) []string {
	var known []string
	for _, c := range chosen {
		if slices.Contains(Columns, c) && !slices.Contains(known, c) {
			known = append(known, c)
		}
	}
	switch {
	case len(known) == 0:
		return UsualColumns
	case !slices.Contains(known, Subject):
		return append([]string{Subject}, known...)
	}
	return known
}

// keptColumns is what is stored of a choice: nothing for the usual columns, so that they may change with the product.
func keptColumns(chosen []string) []string {
	if c := columnsOf(chosen); !slices.Equal(c, UsualColumns) {
		return c
	}
	return []string{}
}

func checkColumns(bad fault.Invalid, chosen []string) {
	for _, c := range chosen {
		if !slices.Contains(Columns, c) {
			bad["columns"] = fault.Because(text.AgentColumnUnknown)
		}
	}
}
