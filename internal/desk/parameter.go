package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/internal/agent"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/pg"
	"frontdesk/internal/text"
)

// Parameter is one setting of the whole desk, as a person reads and types it.
type Parameter struct {
	Name  string
	Value string
	Means string // in English, for the command line
}

// known is a parameter a person may change; read makes the stored value of what was typed, or says why not.
type known struct {
	name, means string
	read        func(typed string) (any, fault.Reason)
}

// parameters are all of them; others stand in the table for the program itself.
var parameters = []known{
	{"desk_name", "name of the desk, shown beside the brand", line(100)},
	{"create_customers", "an unknown sender becomes a customer: true or false", yesOrNo},
	{"subject_tag_threads", "[#100001] in a subject may lead to its ticket: true or false", yesOrNo},
	{"reopen_days", "days in which an answer opens a closed ticket again", whole(0, 3650)},
	{"max_message_bytes", "larger mails come without their content", whole(100<<10, 64<<20)},
}

// Parameters lists them with what they are set to.
func Parameters(ctx context.Context, r pg.Reader) ([]Parameter, error) {
	stored, err := pg.List[Parameter](ctx, r, `SELECT name, value #>> '{}' AS value, '' AS means FROM parameter`)
	if err != nil {
		return nil, fmt.Errorf("list parameters: %w", err)
	}
	list := make([]Parameter, len(parameters))
	for i, p := range parameters {
		list[i] = Parameter{Name: p.name, Means: p.means}
		if at := slices.IndexFunc(stored, func(s Parameter) bool { return s.Name == p.name }); at >= 0 {
			list[i].Value = stored[at].Value
		}
	}
	return list, nil
}

// ChangeParameter sets one to what a person typed, and records what it was. The zero agent is the operator on the command line. fault.NotFound
// when there is none of that name, fault.Invalid names the value.
func ChangeParameter(ctx context.Context, tx *pg.Tx, by agent.Agent, name, typed string) error {
	at := slices.IndexFunc(parameters, func(p known) bool { return p.name == name })
	if at < 0 {
		return fmt.Errorf("parameter %s: %w", name, fault.NotFound)
	}
	value, wrong := parameters[at].read(typed)
	if wrong.Key != "" {
		return fault.Invalid{"value": wrong}
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("parameter %s: %w", name, err)
	}
	was, err := pg.One[struct{ Old, New string }](ctx, tx, `
		UPDATE parameter p SET value = $2::jsonb FROM (SELECT value FROM parameter WHERE name = $1 FOR UPDATE) o
		WHERE p.name = $1 RETURNING o.value #>> '{}' AS old, p.value #>> '{}' AS new`, name, raw)
	if err != nil {
		return fmt.Errorf("parameter %s: %w", name, err)
	}
	if was.Old == was.New {
		return nil
	}
	return event.Record(tx, event.Event{SubjectKind: event.OfDesk, Kind: event.AdminChanged, ByAgent: by.ID,
		Data: event.Data{Name: name, Changes: []event.Change{{Field: name, OldName: was.Old, NewName: was.New}}}})
}

func yesOrNo(typed string) (any, fault.Reason) {
	switch strings.ToLower(strings.TrimSpace(typed)) {
	case "true", "yes", "on", "1":
		return true, fault.Reason{}
	case "false", "no", "off", "0":
		return false, fault.Reason{}
	}
	return nil, fault.Because(text.ParameterNotYesNo)
}

func whole(least, most int64) func(string) (any, fault.Reason) {
	return func(typed string) (any, fault.Reason) {
		n, err := strconv.ParseInt(strings.TrimSpace(typed), 10, 64)
		if err != nil || n < least || n > most {
			return nil, fault.Because(text.ParameterNotWhole, "least", least, "most", most)
		}
		return n, fault.Reason{}
	}
}

func line(most int) func(string) (any, fault.Reason) {
	return func(typed string) (any, fault.Reason) {
		typed = strings.TrimSpace(typed)
		if typed == "" || utf8.RuneCountInString(typed) > most || !utf8.ValidString(typed) || strings.ContainsFunc(typed, unicode.IsControl) {
			return nil, fault.Because(text.ParameterNotLine, "most", most)
		}
		return typed, fault.Reason{}
	}
}
