package layout

import (
	"strconv"

	"frontdesk/templates/ui"
)

// What stands behind every page.
var (
	sameKeys    = ui.Same(keysOfPages)
	samePalette = ui.Same(palette)
	sameWords   = ui.Same(words)
)

func (s Shell) title() string {
	t := s.Title + " · Frontdesk"
	if s.Fresh > 0 {
		t = "(" + s.fresh() + ") " + t
	}
	return t
}

// The icon of the browser's tab; the other one has a dot.
const (
	plainIcon  = "icons/favicon.svg"
	badgedIcon = "icons/favicon-new.svg"
)

func (s Shell) icon() string {
	if s.Fresh > 0 {
		return badgedIcon
	}
	return plainIcon
}

// nobody looks at the pages before the sign-in.
var nobody = Me{Keys: true}

// width says for which width the page was made; static/js/width.js holds it against the true one.
func (s Shell) width() string {
	if s.Narrow {
		return "narrow"
	}
	return "wide"
}

// fresh is the number for the title; nobody counts on beyond a hundred.
func (s Shell) fresh() string {
	if s.Fresh >= 100 {
		return "99+"
	}
	return strconv.Itoa(s.Fresh)
}

func (p Problem) kind() string {
	if p.Code >= 500 {
		return "bad"
	}
	return ""
}

func toastIcon(kind string) string {
	if kind == "bad" {
		return "circle-alert"
	}
	return "circle-check"
}

func pressed(on bool) string { return strconv.FormatBool(on) }

func opposite(on bool) string {
	if on {
		return "off"
	}
	return "on"
}

func whole(n int) string { return strconv.Itoa(n) }
