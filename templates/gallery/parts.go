package gallery

import (
	"net/url"
	"strconv"
	"time"

	"frontdesk/internal/text"
	"frontdesk/templates/ui"
)

// place is where the gallery is looked at: below which address, in which theme and language.
type place struct{ root, theme, lang string }

func (p place) themed(theme string) string { return place{p.root, theme, p.lang}.with("") }

func (p place) in(lang string) string { return place{p.root, p.theme, lang}.with("") }

// with is the address of a page, or of the components.
func (p place) with(page string) string {
	to := p.root
	if page != "" {
		to += "/" + page
	}
	q := url.Values{"lang": {p.lang}}
	if p.theme != "" {
		q.Set("theme", p.theme)
	}
	return to + "?" + q.Encode()
}

// roles are the colours of static/css/tokens.css.
var roles = []string{"ground", "surface", "raised", "sunken", "text", "text-soft", "text-faint", "line", "line-field", "accent", "accent-fill", "accent-tint",
	"react", "near", "late", "out-tint", "comment-tint", "system-tint", "error-tint", "good-tint", "ink", "mark"}

var agents = []ui.Person{
	{Name: "Emma Clarke", Avatar: emma}, {Name: "Marta Zielińska", Avatar: ui.Avatar{Initials: "MZ", Hue: "2"}}, {Name: "Piotr Maj", Avatar: piotr},
	{Name: "Aleksandra Kowalczyk", Avatar: ui.Avatar{Initials: "AK", Hue: "8"}}, {Name: "Jonas Brandt", Avatar: ui.Avatar{Initials: "JB", Hue: "4"}},
	{Name: "Tobias Weiß", Avatar: ui.Avatar{Initials: "TW", Hue: "7"}}, {Name: "Łucja Świątek", Avatar: ui.Avatar{Initials: "ŁŚ", Hue: "1"}},
	{Name: "Henrike Schäfer", Avatar: ui.Avatar{Initials: "HS", Hue: "5"}}, {Name: "Oliver Braun", Avatar: ui.Avatar{Initials: "OB", Hue: "3"}},
}

func peopleChoice(l *text.Local) ui.Choice {
	c := ui.Choice{Field: "assignee", Label: l.T(text.ListAssignee), Options: []ui.Option{{Value: "none", Name: l.T(text.ListUnassigned)}}}
	for i, a := range agents {
		c.Options = append(c.Options, ui.Option{Value: strconv.Itoa(i), Name: a.Name, Person: a, Chosen: i == 1})
	}
	return c
}

func queueChoice(l *text.Local) ui.Choice {
	c := ui.Choice{Field: "queue", Label: l.T(text.ListQueue)}
	for i, name := range []string{"Inbox", "Orders", "Returns", "Damage", "Shipping", "DHL", "DPD", "Invoices", "Business", "Newsletter"} {
		o := ui.Option{Value: strconv.Itoa(i), Name: name, Chosen: i == 5}
		switch name {
		case "Damage":
			o.Above, o.Depth = "Returns › ", "1"
		case "DHL", "DPD":
			o.Above, o.Depth = "Shipping › ", "1"
		}
		c.Options = append(c.Options, o)
	}
	return c
}

func priorityChoice(l *text.Local) ui.Choice {
	c := ui.Choice{Field: "priority", Label: l.T(text.ListPriority)}
	for i, p := range priorities(l) {
		c.Options = append(c.Options, ui.Option{Value: p.Level, Name: p.Name, Priority: p, Chosen: i == 0})
	}
	return c
}

// ages are a length of time, and one that is none.
func ages(l *text.Local) []ui.Duration {
	units := ui.Choice{Field: "g_unit", Label: l.T(text.FilterUnit)}
	for _, u := range []text.Key{text.FilterUnitH, text.FilterUnitD, text.FilterUnitW} {
		units.Options = append(units.Options, ui.Option{Name: l.T(u), Chosen: u == text.FilterUnitD})
	}
	good := ui.Duration{Field: "g_age", Label: l.T(text.FilterAgeField), Value: "3", Most: "9999", Units: units}
	wrong := good
	wrong.Field, wrong.Value, wrong.Error = "g_age_wrong", "0", l.T(text.FilterNoAge, "name", l.T(text.ListCreated), "value", "0")
	return []ui.Duration{good, wrong}
}

// heldFiles are one that waits for its check, one in which something was found, for who may have it, and one that could not be checked.
func heldFiles(l *text.Local) []ui.File {
	return []ui.File{
		{Icon: "file-text", Name: "list-przewozowy.pdf", Size: l.Size(118_000), Held: ui.Mark{Icon: "hourglass", Text: l.T(text.HeldWaiting)}},
		{Icon: "file", Name: "faktura.exe", Size: l.Size(412_000), Href: "#main", Held: ui.Mark{Icon: "shield-alert", Text: l.T(text.HeldFound, "found", "Win.Test.EICAR_HDB-1"), Kind: "bad"}},
		{Icon: "file", Name: "kopia.iso", Size: l.Size(31_000_000), Held: ui.Mark{Icon: "shield-alert", Text: l.T(text.HeldUnknown), Kind: "warn"}},
	}
}

func clocks(l *text.Local) []ui.Clock {
	made := func(k text.Key, state string, d time.Duration) ui.Clock {
		return ui.Clock{State: state, Text: l.T(k, "by", l.Duration(d)), By: l.Brief(d)}
	}
	return []ui.Clock{made(text.SlaReactionOver, "react", 22*time.Minute), made(text.SlaExecutionNear, "near", 25*time.Minute), made(text.SlaExecutionOver, "late", 130*time.Minute), made(text.SlaKeptText, "kept", 51*time.Minute)}
}

func statusChoice(l *text.Local) ui.Choice {
	c := ui.Choice{Field: "status", Label: l.T(text.ListStatus)}
	for i, s := range statuses(l) {
		c.Options = append(c.Options, ui.Option{Value: s.Kind, Name: s.Name, Status: s, Chosen: i == 0})
	}
	return c
}
