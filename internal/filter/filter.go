// Package filter is the language a list of tickets is filtered in (PRODUCT L4): queue:Sales is:unassigned -tag:vip older:2d "broken glass". It
// knows words and moments, no table: names are found in the desk by package ticket.
//
// A query is terms, which must all hold, and free text. A term is a field, a colon, and values of which one must fit, parted by commas and put
// in quotes where they hold spaces; a leading minus turns it round. The words are the same in every language, so a link means the same to
// every reader.
package filter

import (
	"slices"
	"strings"
)

// Field is what a term asks about.
type Field string

// All fields. Fields that a desk adds itself will come as terms of their own.
const (
	ID       Field = "id" // also written #100001
	Queue    Field = "queue"
	Status   Field = "status" // a kind, a shipped key, or a name
	Is       Field = "is"
	Assignee Field = "assignee"
	Priority Field = "priority"
	Category Field = "category"
	Tag      Field = "tag"
	Source   Field = "source"
	Customer Field = "customer"
	Company  Field = "company"
	From     Field = "from"
	Has      Field = "has"
	Created  Field = "created"
	Changed  Field = "changed"
	Closed   Field = "closed"
	Older    Field = "older" // since it was created
	Newer    Field = "newer"
)

// Fields lists all of them, in the order in which they are offered.
var Fields = []Field{Status, Queue, Assignee, Is, Priority, Category, Tag, Customer, Company, From, Source, Has, Created, Changed, Closed, Older, Newer, ID}

// Words with a meaning of their own among the values.
const (
	Me   = "me"   // assignee: who looks
	None = "none" // assignee, category, tag: there is none
)

// States are the values of is:, in the order in which they are offered.
var States = []string{"unassigned", "mine", "unread", "late", "near", "react", "starred", "observed", "open", "postponed", "closed", "vip"}

// Sources are the values of source:.
var Sources = []string{"email", "phone", "sms", "chat", "www"}

// Attachment is the value of has:.
const Attachment = "attachment"

// Term is one condition. Values are as String writes them: dates, ages and words of the language in their one spelling, names as typed.
type Term struct {
	Field  Field
	Not    bool
	Values []string
}

// Query is what a list is asked for. The zero Query asks for everything.
type Query struct {
	Terms []Term
	Text  string // words and "phrases" to be found in what was written
}

// Empty tells whether the query leaves nothing out.
func (q Query) Empty() bool { return len(q.Terms) == 0 && q.Text == "" }

// With is the query with one more term; one that stands there already is not doubled.
func (q Query) With(t Term) Query {
	if slices.ContainsFunc(q.Terms, t.equal) {
		return q
	}
	q.Terms = append(slices.Clip(q.Terms), t)
	return q
}

// Without is the query without the term at i.
func (q Query) Without(i int) Query {
	if i >= 0 && i < len(q.Terms) {
		q.Terms = slices.Concat(q.Terms[:i], q.Terms[i+1:])
	}
	return q
}

func (t Term) equal(other Term) bool {
	return t.Field == other.Field && t.Not == other.Not && slices.Equal(t.Values, other.Values)
}

// String is the query in its one spelling: terms, then text. Parse reads it back without a problem.
func (q Query) String() string {
	var parts []string
	for _, t := range q.Terms {
		parts = append(parts, t.String())
	}
	if q.Text != "" {
		parts = append(parts, q.Text)
	}
	return strings.Join(parts, " ")
}

// String is the term as it is typed.
func (t Term) String() string {
	if t.Field == ID && !t.Not && len(t.Values) == 1 && number(t.Values[0]) != "" {
		return "#" + t.Values[0]
	}
	var b strings.Builder
	if t.Not {
		b.WriteByte('-')
	}
	b.WriteString(string(t.Field) + ":")
	for i, v := range t.Values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoted(v, func(r rune) bool { return comma(r) || blank(r) }))
	}
	return b.String()
}

// Alone spells values for a box of their own, as in a term but that spaces part nothing. Values reads them back.
func Alone(values []string) string {
	var all []string
	for _, v := range values {
		all = append(all, quoted(v, comma))
	}
	return strings.Join(all, ", ")
}

func comma(r rune) bool { return r == ',' }

// quoted puts a value in quotes where it would not be read back whole without, since such a character ends it.
func quoted(v string, ends func(rune) bool) string {
	if v == "" || v[0] == '"' || strings.ContainsFunc(v, ends) {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
	}
	return v
}
