package layout

import (
	"context"

	"frontdesk/internal/text"
)

// shortcut is a line of the help: keys that do the same or belong together, or keys pressed at once or one after the other.
type shortcut struct {
	caps []string
	then bool // one after the other
	what text.Key
}

// keys is every shortcut the pages know but those to the views; a test holds it against static/js/keys.js. The letters are those of the issue
// and of shared/ui; where these differ both work: C and N are a comment.
var keys = []shortcut{
	{caps: []string{"J", "K"}, what: text.KeysMove},
	{caps: []string{"Enter"}, what: text.KeysOpen},
	{caps: []string{"V"}, what: text.KeysPreview},
	{caps: []string{"H"}, what: text.KeysNext},
	{caps: []string{"X"}, what: text.KeysPick},
	{caps: []string{"Shift", "X"}, what: text.KeysPickTo},
	{caps: []string{"A", "S", "Q", "P", "T"}, what: text.KeysAct},
	{caps: []string{"M"}, what: text.KeysMore},
	{caps: []string{"/"}, what: text.KeysSearch},
	{caps: []string{"F"}, what: text.KeysFilter},
	{caps: []string{"R"}, what: text.KeysReply},
	{caps: []string{"C", "N"}, what: text.KeysComment},
	{caps: []string{"Ctrl", "Enter"}, what: text.KeysSend},
	{caps: []string{"Z"}, what: text.KeysUndo},
	{caps: []string{"E"}, what: text.KeysExpand},
	{caps: []string{"Ctrl", "K"}, what: text.KeysPalette},
	{caps: []string{"Esc"}, what: text.KeysBack},
	{caps: []string{"?"}, what: text.KeysThis},
}

// printed is a key as keyboards of the reader's language name it.
func printed(ctx context.Context, key string) string {
	switch key {
	case "Ctrl":
		return text.T(ctx, text.KeysCtrl)
	case "Shift":
		return text.T(ctx, text.KeysShift)
	}
	return key
}
