package mail

import (
	"regexp"
	"strings"
)

// foldTail folds from tail on to the end of the element in which something was
// said before it, or to where somebody answers below what is quoted there.
func foldTail(tail *node) {
	x := tail
	for x.parent != nil && x.parent.parent != nil && !visibleBefore(x) {
		x = x.parent
	}
	if x.parent == nil {
		return
	}
	parent, from, to := x.parent, x.index(), len(x.parent.kids)
	if answer := answerBelow(tail, parent); answer != nil {
		parent, from, to = between(tail, answer)
	}
	if from >= to || parent.tag == "table" || treeTable[parent.tag] && !treeCellBarrier[parent.tag] {
		return
	}
	foldKids(parent, from, to)
}

// answerBelow finds the first thing a reader sees below a quote that stands
// behind tail, or around it: Outlook rules what it indents on the left.
func answerBelow(tail, within *node) *node {
	quoted := false
	if answer := tail.behindQuote(&quoted); answer != nil {
		return answer
	}
	for n := tail; n != within; n = n.parent {
		quoted = quoted || isRuledLeft(n)
		for _, k := range n.parent.kids[n.index()+1:] {
			if answer := k.behindQuote(&quoted); answer != nil {
				return answer
			}
		}
	}
	return nil
}

func (n *node) behindQuote(quoted *bool) *node {
	switch {
	case n.quote == wholeQuote:
		*quoted = *quoted || n.visible()
		return nil
	case n.quote == signature, n.quote == quoteIntro && isIntro(n), !*quoted && (n.tag == "" || n.tag == "img"):
		return nil
	case n.tag == "" && strings.Trim(strings.TrimFunc(n.text, isBlankRune), "-_=*~") != "", n.tag == "img":
		return n
	}
	for _, k := range n.kids {
		if answer := k.behindQuote(quoted); answer != nil {
			return answer
		}
	}
	return nil
}

func isRuledLeft(n *node) bool {
	style := attrOf(n.attrs, "style")
	return n.tag == "div" && len(style) < maxStyle && solidLeft.MatchString(style)
}

// solidLeft is a line that has a width.
var solidLeft = regexp.MustCompile(`(?i)border-left:\s*(?:[^;]*\bsolid\b[^;]*[1-9]|[^;]*[1-9][^;]*\bsolid\b)`)

// between gives the children of the node around both that reach from the one
// with tail to the one before answer.
func between(tail, answer *node) (parent *node, from, to int) {
	path := map[*node]int{tail: 0}
	for n := tail; n.parent != nil; n = n.parent {
		path[n.parent] = n.index()
	}
	for n := answer; n.parent != nil; n = n.parent {
		if from, around := path[n.parent]; around {
			return n.parent, from, n.index()
		}
	}
	return tail, 0, 0
}

func visibleBefore(x *node) bool {
	for _, k := range x.parent.kids {
		if k == x {
			return false
		}
		if k.visible() {
			return true
		}
	}
	return false
}
