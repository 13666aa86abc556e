package web

import (
	"cmp"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
	"unicode"

	"frontdesk/internal/agent"
	"frontdesk/internal/sla"
	"frontdesk/internal/text"
	"frontdesk/templates/ui"
)

// reader is who looks at a page, and when: what turns a stored fact into a printed word.
type reader struct {
	me  agent.Agent
	l   *text.Local
	now time.Time

	narrow bool // on a phone
}

// word is the name of a piece of furniture: as somebody called it, or for shipped ones (":waiting") in the reader's language.
func (rd reader) word(name string) string { return rd.l.Named(name) }

// called is what a field of a ticket was given: furniture by its word, what people wrote as they wrote it.
func (rd reader) called(field, name string) string {
	switch field {
	case "status", "queue", "priority":
		return rd.word(name)
	}
	return name
}

// lang tells a screen reader in which language to read what people wrote; "" is that of the page (WCAG 3.1.2).
func (rd reader) lang(language string) string {
	if language == "other" || language == rd.l.Lang {
		return ""
	}
	return language
}

func (rd reader) status(kind, name, parent string) ui.Status {
	if parent == "" {
		return ui.Status{Kind: kind, Name: rd.word(name)}
	}
	return ui.Status{Kind: kind, Name: rd.word(name), Below: rd.word(parent)}
}

func (rd reader) priority(level int, name string) ui.Priority {
	return ui.Priority{Level: strconv.Itoa(level), Name: rd.word(name)}
}

// person is an agent; without one the zero Person, which prints "Unassigned".
func (rd reader) person(id *int64, name string) ui.Person {
	if id == nil {
		return ui.Person{}
	}
	return ui.Person{Name: name, Avatar: agentAvatar(*id, name)}
}

// sender is who wrote: the first name that is known, or that none is.
func (rd reader) sender(names ...string) string {
	return cmp.Or(append(names, rd.l.T(text.QuarantineNoSender))...)
}

func agentAvatar(id int64, name string) ui.Avatar {
	h := fnv.New32a()
	h.Write([]byte(strconv.FormatInt(id, 10)))
	return ui.Avatar{Initials: initials(name), Hue: strconv.Itoa(int(h.Sum32()%8) + 1)}
}

func customerAvatar(name, kind string) ui.Avatar {
	if kind != "company" {
		kind = "customer"
	}
	return ui.Avatar{Initials: initials(name), Kind: kind}
}

// initials are the first letters of the first and the last word; of an address its first letter.
func initials(name string) string {
	name, _, _ = strings.Cut(name, "@")
	words := strings.FieldsFunc(name, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	if len(words) == 0 {
		return "?"
	}
	out := strings.ToUpper(string([]rune(words[0])[:1]))
	if len(words) > 1 {
		out += strings.ToUpper(string([]rune(words[len(words)-1])[:1]))
	}
	return out
}

// letters stand for the name of a list where there is room for two.
func letters(name string) string {
	if word := []rune(strings.TrimSpace(name)); len(word) > 1 && !strings.ContainsFunc(string(word), unicode.IsSpace) {
		return string(word[:2])
	}
	return initials(name)
}

// clock is the alarm clock beside a ticket (PRODUCT L2); inside all times it is nothing.
func (rd reader) clock(clocks []sla.Clock) ui.Clock {
	state, by := sla.Colour(clocks, rd.now)
	c := ui.Clock{State: string(state), By: rd.l.Brief(by)}
	switch state {
	case sla.Late:
		c.Text = rd.l.T(text.SlaExecutionOver, "by", rd.l.Duration(by))
	case sla.Near:
		c.Text = rd.l.T(text.SlaExecutionNear, "by", rd.l.Duration(by))
	case sla.React:
		c.Text = rd.l.T(text.SlaReactionOver, "by", rd.l.Duration(by))
	default:
		return ui.Clock{}
	}
	return c
}

func dec(n int64) string { return strconv.FormatInt(n, 10) }

// tagged is how a ticket is called: #104817.
func tagged(n int64) string { return "#" + dec(n) }
