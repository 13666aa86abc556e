package ticketview

import "github.com/a-h/templ"

// Column is one column of a list.
type Column struct {
	Name string // clock, number, subject … as in package agent
	Head Head
	To   string // the width of the list below which it leaves: "1080"; ToLine for one that stands in narrow lists only
}

// ToLine is the Column.To of what the agent did not choose and a list of lines needs.
const ToLine = "line"

// placesOf says in each cell which column it is of, and when that leaves.
func placesOf(columns []Column) []templ.Attributer {
	places := make([]templ.Attributer, len(columns))
	for i, c := range columns {
		place := templ.OrderedAttributes{templ.KV[string, any]("data-col", c.Name)}
		if c.To != "" {
			place = append(place, templ.KV[string, any]("data-to", c.To))
		}
		places[i] = place
	}
	return places
}

// Columns is the choice of columns, and of how high their rows are.
type Columns struct {
	List    string // the list to go back to, as href.List spells it
	Back    string // its address
	All     []ColumnChoice
	Density string
	Error   string
}

// ColumnChoice is one column that can be chosen and moved.
type ColumnChoice struct {
	Name   string
	Label  string
	Shown  bool
	Always bool // it cannot be taken away
}
