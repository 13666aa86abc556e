// Package fault names what may go wrong in a way a person is told about. Everything else is a plain error: logged once, shown as
// "something failed" with its request id.
package fault

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"frontdesk/internal/text"
)

// NotFound says that the thing does not exist, or that the asking agent may not know that it does: the two are one answer.
var NotFound = errors.New("not found")

// Forbidden says that the agent knows the thing but lacks the permission for the deed.
var Forbidden = errors.New("forbidden")

// TooLate says that the moment for the deed has passed: a letter already taken by the sender cannot be cancelled.
var TooLate = errors.New("too late")

// Invalid is a form that was refused: field name -> the sentence to show beside that field.
type Invalid map[string]Reason

// Reason is a sentence of the catalogues with its placeholders' names and values.
type Reason struct {
	Key  text.Key
	Args []any
}

// Because makes a Reason.
func Because(key text.Key, args ...any) Reason { return Reason{key, args} }

// Error lists the fields in order, for logs.
func (i Invalid) Error() string {
	var b strings.Builder
	b.WriteString("invalid:")
	for _, field := range slices.Sorted(maps.Keys(i)) {
		b.WriteString(" " + field + "=" + string(i[field].Key))
	}
	return b.String()
}

// Or returns the collected refusals as an error, nil when there are none.
func (i Invalid) Or() error {
	if len(i) == 0 {
		return nil
	}
	return i
}

// Conflict says that what the form was based on has changed meanwhile. Fields are those that both sides changed; Newer is set when a
// customer wrote after the reply was begun (DECISIONS, Concurrent edits), Elsewhere when the same form was written in another ticket, Written when it
// was written with another text, to others or with other files.
type Conflict struct {
	Fields    []string
	Newer     bool
	Elsewhere bool
	Written   bool
}

// Error names what both sides changed.
func (c *Conflict) Error() string {
	s := "changed meanwhile: " + strings.Join(c.Fields, ", ")
	if c.Newer {
		s += " (newer customer message)"
	}
	if c.Written {
		s += " (written otherwise)"
	}
	if c.Elsewhere {
		s += " (written in another ticket)"
	}
	return s
}
