package mail

import (
	"regexp"
	"strings"
)

// cleanStyle keeps of a style attribute the declarations that only shape
// text and boxes. What could load, cover, animate or measure the page is not
// on the list: url() and every other function but colours, position,
// transform, content, custom properties, viewport units (a frame as high as
// its content, with content as high as the frame, grows for ever).
//
// Declarations are split at every semicolon, also at those in strings: each
// kept piece is whole in itself, because the value pattern has no way to
// open a string, a bracket, a comment or an escape without closing it.
func cleanStyle(style string) string {
	if len(style) > maxStyle {
		return ""
	}
	var kept []string
	for part := range strings.SplitSeq(style, ";") {
		name, value, ok := strings.Cut(part, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		value = strings.TrimSpace(value)
		if !ok || !allowedStyles[name] || value == "" {
			continue
		}
		if name == "background" && !plainStyleValue.MatchString(value) {
			name, value = "background-color", styleColour.FindString(value)
		}
		if value == "" || !plainStyleValue.MatchString(value) || viewportUnit.MatchString(value) || !fitsProperty(name, value) {
			continue
		}
		kept = append(kept, name+": "+value)
	}
	return strings.Join(kept, "; ")
}

const maxStyle = 8 << 10

var allowedStyles = wordSet(`color background background-color font font-family font-size font-style font-variant
	font-weight text-align text-decoration text-decoration-color text-decoration-line text-decoration-style
	text-indent text-transform vertical-align line-height letter-spacing word-spacing white-space word-break
	word-wrap overflow-wrap direction
	width min-width max-width height min-height max-height box-sizing
	margin margin-top margin-right margin-bottom margin-left
	padding padding-top padding-right padding-bottom padding-left
	border border-top border-right border-bottom border-left
	border-color border-top-color border-right-color border-bottom-color border-left-color
	border-style border-top-style border-right-style border-bottom-style border-left-style
	border-width border-top-width border-right-width border-bottom-width border-left-width
	border-collapse border-spacing border-radius
	list-style list-style-type list-style-position table-layout caption-side empty-cells
	display float clear overflow`)

const (
	stylePiece = `(?:[a-zA-Z0-9 #%.,/+!_-]|'[\p{L}\p{N} ,._+-]*'|"[\p{L}\p{N} ,._+-]*"|(?i:rgba?|hsla?)\([0-9a-zA-Z .,%/+-]*\))`
)

var (
	plainStyleValue = regexp.MustCompile(`^` + stylePiece + `+$`)
	styleColour     = regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|(?i:rgba?)\([0-9 .,%/]*\)`)
	viewportUnit    = regexp.MustCompile(`(?i)[0-9](?:[sld]?v(?:w|h|i|b|min|max)|cq[a-z]*)`)
	// cleanStyles is the form cleanStyle makes, and the only one the
	// sanitiser accepts behind it.
	cleanStyles = regexp.MustCompile(`^[a-z-]+: ` + stylePiece + `+(?:; [a-z-]+: ` + stylePiece + `+)*$`)
)

var (
	allowedDisplays  = wordSet("none block inline inline-block list-item table inline-table table-row table-cell table-row-group table-header-group table-footer-group table-column table-column-group table-caption")
	allowedOverflows = wordSet("hidden auto visible")
)

func fitsProperty(name, value string) bool {
	word := strings.ToLower(strings.TrimSpace(strings.TrimSuffix(strings.ToLower(value), "!important")))
	switch name {
	case "display":
		return allowedDisplays[word]
	case "overflow":
		return allowedOverflows[word]
	}
	return true
}

// outlookStyle is what Outlook's style sheet, of which nothing is kept, says of
// its paragraphs: lines stand close, and those of a list leave room for the
// marks, which hang out to the left.
func outlookStyle(n *node) string {
	if n.tag != "p" {
		return ""
	}
	switch class := attrOf(n.attrs, "class"); {
	case strings.Contains(class, "MsoListParagraph"):
		return "margin: 0 0 0 36pt"
	case strings.Contains(class, "MsoNormal"), strings.Contains(class, "MsoPlainText"), strings.Contains(class, "MsoNoSpacing"):
		return "margin: 0"
	}
	return ""
}
