package mail

import "regexp"

// folds are what of a mail may be history.
type folds int

const (
	foldNothing folds = iota
	foldMarked        // quotes: what stands below nothing but a header block or a separator is new
	foldAll
)

// QuoteAt is QuoteAt of the text, Clean is Clean of the HTML, with what the
// header tells: a mail that was sent on is there to be read, so nothing of it
// folds. In one that answers none, a header block is the form somebody filled
// in, or sent on by hand: only what is marked as a quote, and says of whom,
// folds.
func (m *Message) QuoteAt() int { return quoteAt(m.Text, m.folds()) }

// Clean makes the HTML safe to show, if there is more to see in it than in the
// text; see QuoteAt and Beside.
func (m *Message) Clean() Cleaned { return clean(m.HTML, m.folds()).Beside(m.Text) }

func (m *Message) folds() folds {
	_, tagged := TagIn(m.Subject)
	switch {
	case m.sentOn():
		return foldNothing
	case m.InReplyTo == "" && len(m.References) == 0 && !tagged && !replyPrefix.MatchString(m.ownSubject()):
		return foldMarked
	}
	return foldAll
}

// sentOn tells of a mail that its subject says it was sent on.
func (m *Message) sentOn() bool { return sentOnPrefix.MatchString(m.ownSubject()) }

// ownSubject is the subject as the sender's program wrote it.
func (m *Message) ownSubject() string { return subjectMarks.ReplaceAllString(m.Subject, "") }

// gatewayWord is what a gateway calls a mail that it warns of.
const gatewayWord = `(?i:ext(?:ern(?:al|e|o|a)?)?(?: (?:e-?)?mail| sender)?|(?:(?:suspected|possible|probable|likely) )?spam|junk|caution|warning|phishing|untrusted)\b`

var (
	// subjectMarks stand before the prefix: our tag, and the words of a gateway, "[EXTERNAL]", "{Spam?}", "EXT:".
	subjectMarks = regexp.MustCompile(`^\s*(?:(?:\[(?:` + gatewayWord + `\s*:[^][]{0,40}|[^][:]{1,40})\]|` +
		`\{[^{}]{1,40}\}|<[^<>]{1,40}>|\([^()]{1,40}\)|\*+[^*]{1,40}\*+|` + gatewayWord + `\s*[:：|–-]?)\s*)*`)
	// sentOnPrefix is what mail programs write when they send a mail on: Fwd, FW, WG (German), PD (Polish), TR (French), RV (Spanish), ENC
	// (Portuguese), I (Italian), VB (Swedish), VL (Finnish), TOV (Hungarian).
	sentOnPrefix = regexp.MustCompile(`^(?i:\[?fwd?|wg|pd|tr|rv|enc|i|vb|vl|tov)(?:\[[0-9]{1,3}\])?\s?[:：]`)
)
