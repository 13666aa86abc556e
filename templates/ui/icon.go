package ui

import (
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"

	"frontdesk/static"
)

// Icon is a sign drawn in lines; it says nothing by itself.
func Icon(name string) templ.Component { return sign{"icon", name} }

// Glyph is one of our own filled signs.
func Glyph(name string) templ.Component { return sign{"glyph", name} }

// Chevron points down in a control that opens.
func Chevron() templ.Component { return sign{"icon chev", "chevron-down"} }

// sign is written from a store of finished ones: a list draws two hundred.
type sign struct{ class, name string }

var signs sync.Map // sign -> string

// Render writes the svg that points into the sprite.
func (s sign) Render(_ context.Context, w io.Writer) error {
	made, ok := signs.Load(s)
	if !ok {
		made = `<svg class="` + s.class + `" aria-hidden="true"><use href="` + templ.EscapeString(static.Path("icons/sprite.svg#"+s.name)) + `"></use></svg>`
		signs.Store(s, made)
	}
	_, err := io.WriteString(w, made.(string)) //nolint:forcetypeassert // only strings are stored
	return err
}
