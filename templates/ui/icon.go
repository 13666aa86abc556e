package ui

import (
	"github.com/a-h/templ"

	"frontdesk/static"
)

// Icon is a sign drawn in lines; it says nothing by itself.
func Icon(name string) templ.Component { return signs.of(sign{"icon", name}) }

// Glyph is one of our own filled signs.
func Glyph(name string) templ.Component { return signs.of(sign{"glyph", name}) }

// Chevron points down in a control that opens.
func Chevron() templ.Component { return signs.of(sign{"icon chev", "chevron-down"}) }

// sign points into the sprite.
type sign struct{ class, name string }

func drawSign(s sign) templ.Component {
	return templ.Raw(`<svg class="` + s.class + `" aria-hidden="true"><use href="` + templ.EscapeString(static.Path("icons/sprite.svg#"+s.name)) + `"></use></svg>`)
}
