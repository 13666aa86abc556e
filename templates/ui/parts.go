package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"frontdesk/internal/text"
)

// InputField is what Input prints.
type InputField struct {
	Name     string
	Label    string
	Type     string // text, email, password
	Complete string // the browser's autocomplete hint
	Hint     string
	Field    Field
	Focus    bool
}

// hint is left out where the error says the same.
func (in InputField) hint() string {
	if in.Hint == in.Field.Error {
		return ""
	}
	return in.Hint
}

func (in InputField) described() string {
	var ids []string
	if in.hint() != "" {
		ids = append(ids, in.Name+"-h")
	}
	if in.Field.Error != "" {
		ids = append(ids, in.Name+"-e")
	}
	return strings.Join(ids, " ")
}

// Sentence prints what text.Strong set off in bold.
func Sentence(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, bold.Replace(templ.EscapeString(s)))
		return err
	})
}

var bold = strings.NewReplacer(text.StrongOpen, "<b>", text.StrongClose, "</b>")

func noticeIcon(kind string) string {
	switch kind {
	case "good":
		return "circle-check"
	case "warn":
		return "shield-alert"
	case "bad":
		return "circle-alert"
	}
	return "info"
}

// long tells whether one would rather type than look: seven options are seen at a glance.
func (c Choice) long() bool { return len(c.Options) > 7 }
