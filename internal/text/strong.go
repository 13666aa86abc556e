package text

import "strings"

// A sentence made of a message and values keeps its values apart by Unicode's isolates (FSI, PDI): right for
// names in any direction of writing, invisible where markup is not possible, and what ui.Sentence prints bold.
const (
	StrongOpen  = "\u2068"
	StrongClose = "\u2069"
)

var unmarked = strings.NewReplacer(StrongOpen, "", StrongClose, "")

// Strong is a value to be set off in a sentence.
func Strong(s string) string { return StrongOpen + unmarked.Replace(s) + StrongClose }

// Plain is a sentence without the marks of Strong, for titles and logs.
func Plain(s string) string { return unmarked.Replace(s) }
