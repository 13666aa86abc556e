package mail

import (
	"slices"
	"strings"
)

// lastLine is the text of the nearest visible thing before a node.
func lastLine(n *node) string {
	if n.parent == nil {
		return ""
	}
	i := n.index() - 1
	for i >= 0 && !n.parent.kids[i].visible() {
		i--
	}
	if i < 0 {
		return ""
	}
	return strings.Join(strings.Fields(n.parent.kids[i].words(maxIntro)), " ")
}

// isIntro says whether an element is an attribution and nothing else.
func isIntro(k *node) bool {
	rows := k.rows(maxIntro)
	return k.tag != "" && (len(rows) == 0 && k.quote == quoteIntro || len(rows) == 1 && isAttribution(rows[0]))
}

// introIndex is where the fold of a quote starts: at its attribution, when
// that is the sibling before it or the last line of that.
func introIndex(q *node) int {
	at := q.index()
	for i := at - 1; i >= 0 && i > at-4; i-- {
		k := q.parent.kids[i]
		switch {
		case isIntro(k):
			return i
		case k.visible() && splitIntro(k):
			return i + 1
		case k.visible():
			return at
		}
	}
	return at
}

// splitIntro parts the attribution from an answer that was typed above it
// into the same element; the attribution gets one of its own behind it.
func splitIntro(k *node) bool {
	if k.tag != "div" && k.tag != "p" {
		return false
	}
	for i := len(k.kids) - 1; i > 0 && i > len(k.kids)-maxIntroKids; i-- {
		if !k.kids[i-1].breaksLine() {
			continue
		}
		intro := &node{tag: k.tag, attrs: k.attrs, parent: k.parent, quote: quoteIntro, kids: k.kids[i:]}
		if !intro.visible() {
			continue
		}
		if !isIntro(intro) {
			return false
		}
		for _, moved := range intro.kids {
			moved.parent = intro
		}
		k.kids = k.kids[:i:i]
		k.parent.kids = slices.Insert(k.parent.kids, k.index()+1, intro)
		return true
	}
	return false
}

// quotesSomebody says whether an attribution stands above a quote, or it or a
// header within: else it may be what the writer wants to show, set off by the
// button for it.
func quotesSomebody(q *node) bool {
	above := lastLine(q)
	if isAttribution(above) || writerAbove.MatchString(above) || q.holdsIntro() || quotesMail(textLines(q.words(maxHeaderWords))) {
		return true
	}
	for i := q.index() - 1; i >= 0; i-- {
		if k := q.parent.kids[i]; k.visible() {
			return k.quote == quoteIntro || splitIntro(k)
		}
	}
	return false
}

// holdsIntro says whether a program marked an attribution in the node.
func (n *node) holdsIntro() bool {
	for _, k := range n.kids {
		if k.quote == quoteIntro && k.visible() || k.holdsIntro() {
			return true
		}
	}
	return false
}
