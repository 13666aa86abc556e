package ui

import "strconv"

// Progress is how much of something is done.
type Progress struct {
	ID         string // of its words
	Text       string
	Aside      string // "41 %"
	Value, Max string
	State      string // "", good, bad
}

// Step is one of several that follow each other.
type Step struct {
	State string // good, bad, now, todo
	Name  string
	Took  string // "0.2 s"
	Text  string // what went wrong
}

func (s Step) icon() string {
	switch s.State {
	case "good":
		return "circle-check"
	case "bad":
		return "circle-x"
	case "now":
		return "rotate-cw"
	}
	return "circle-dot"
}

// Health is how something that runs by itself is.
type Health struct {
	State string // good, slow, bad, off
	Text  string
}

func (h Health) icon() string {
	switch h.State {
	case "good":
		return "circle-check"
	case "slow":
		return "hourglass"
	case "bad":
		return "circle-x"
	}
	return "ban"
}

// width makes lines that wait look like text: long, long, short.
func width(i int) string { return strconv.Itoa(4 - i%3) }
