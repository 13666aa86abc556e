package ticketview

import (
	"strconv"
	"strings"

	"frontdesk/templates/ui"
)

// frameName ties the link that loads remote pictures to the frame of the same message.
func frameName(src string) string {
	return "f" + strings.Trim(strings.ReplaceAll(src, "/", "-"), "-")
}

func recipientIcon(state string) string {
	switch state {
	case "good":
		return "check"
	case "bad":
		return "x"
	}
	return "hourglass"
}

// spoken says how readers are told of a change: bytes that come in are not read out one by one.
func (w Whole) spoken() string {
	if w.State == "fetching" {
		return "off"
	}
	return "polite"
}

// otherLayout is what the switch of the list changes to.
func (l List) otherLayout() string {
	if l.Split {
		return ""
	}
	return "split"
}

func (l List) pressed() string { return strconv.FormatBool(l.Split) }

// fieldID is unique on a card that shows the same field in the details, the reply and the comment.
func fieldID(form, field string) string { return form + "-" + field }

// caps is a key as it is printed.
func caps(key string) string { return strings.ToUpper(key) }

// joined are tags as a form without a script holds them.
func joined(names []string) string { return strings.Join(names, ", ") }

// keyOf are the letters that lead to a ticket's details (static/js/keys.js).
var keyOf = map[string]string{"assignee": "a", "status": "s", "queue": "q", "priority": "p"}

func withKey(c ui.Choice) ui.Choice {
	c.Key = keyOf[c.Field]
	return c
}

func tagsWithKey(t ui.Tags) ui.Tags {
	t.Key = "t"
	return t
}
