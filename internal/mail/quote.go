package mail

import (
	"regexp"
	"slices"
	"strings"
)

// QuoteAt is the byte offset at which the quoted history of a text begins:
// from there to the end nothing new is said, so a page may fold it (PRODUCT
// M10). It is -1 when there is none: no quote, nothing but a quote (a
// forwarded mail), or an answer written below or between quoted lines, which
// must stay visible. Where lines could be the writer's own words as well (a
// booking from here to there, pasted output with ">"), they are. Nothing is
// ever cut; text[:at] + text[at:] is the text.
func QuoteAt(text string) int { return quoteAt(text, foldAll) }

func quoteAt(text string, may folds) int {
	if may == foldNothing {
		return -1
	}
	lines := textLines(text)
	at := markedRun(lines)
	if may == foldAll {
		at = earlier(at, earlier(unmarkedHistory(lines), historyBlock(lines)))
	}
	if at < 0 || !anyVisible(lines[:at]) {
		return -1
	}
	return lines[at].offset
}

// FoldText is the text as HTML for the message frame, with what lies behind
// quoteAt (the answer of QuoteAt) folded.
func FoldText(text string, quoteAt int) string {
	if quoteAt <= 0 || quoteAt >= len(text) {
		return TextToHTML(text)
	}
	return TextToHTML(text[:quoteAt]) + foldStart + TextToHTML(text[quoteAt:]) + foldEnd
}

type textLine struct {
	offset int
	words  string // without blanks around
	signs  bool   // "-- " alone: a signature follows (RFC 3676, 4.3)
}

func (l textLine) quoted() bool {
	return strings.HasPrefix(l.words, ">") || strings.HasPrefix(l.words, "|>")
}

func textLines(text string) []textLine {
	lines := make([]textLine, 0, strings.Count(text, "\n")+1)
	offset := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		lines = append(lines, textLine{offset, strings.TrimFunc(line, isBlankRune), strings.TrimRight(line, "\r\n") == "-- "})
		offset += len(line)
	}
	return lines
}

func anyVisible(lines []textLine) bool {
	for _, l := range lines {
		if l.words != "" {
			return true
		}
	}
	return false
}

// earlier is the smaller of two places, of which -1 is none.
func earlier(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// markedRun finds "> " lines that go on to the end, with the line above or
// among them that says whose mail it is. Without one they may be anything: a
// prompt, the output of a program. Gmail and Thunderbird put the signature
// below them.
func markedRun(lines []textLine) int {
	lines = aboveSignature(lines)
	start, marked := len(lines), false
	for start > 0 && (lines[start-1].words == "" || lines[start-1].quoted()) {
		start--
		marked = marked || lines[start].quoted()
	}
	if !marked {
		return -1
	}
	for !lines[start].quoted() {
		start++
	}
	above := start - 1
	for above >= 0 && lines[above].words == "" {
		above--
	}
	switch {
	case above < 0:
		return start
	case isForwardMark(lines[above].words):
		return -1
	}
	if first := attributionEndingAt(lines, above); first >= 0 {
		return first
	}
	if writerAbove.MatchString(lines[above].words) || quotesMail(lines[start:]) {
		return start
	}
	return -1
}

// maxSignature is how many lines a signature has.
const maxSignature = 20

// aboveSignature are the lines without the signature at their end, which says
// nothing new.
func aboveSignature(lines []textLine) []textLine {
	for i := len(lines) - 1; i >= 0 && i > len(lines)-maxSignature && !lines[i].quoted(); i-- {
		if lines[i].signs {
			return lines[:i]
		}
	}
	return lines
}

// writerAbove is an attribution in a language we do not know, or a sentence
// like one: it stays.
var writerAbove = regexp.MustCompile(`<[^<>\s]+@[^<>\s]+>.*:$`)

// quotesMail says whether marked lines tell that they are mail: Apple and
// Outlook may mark the attribution and the header too.
func quotesMail(marked []textLine) bool {
	inner := make([]textLine, len(marked))
	for i, l := range marked {
		inner[i].words = strings.TrimFunc(strings.TrimLeft(l.words, "|> "), isBlankRune)
	}
	for i, l := range inner {
		if attributionEndingAt(inner, i) >= 0 || originalMark.MatchString(l.words) || isHeaderBlock(inner[i:]) {
			return true
		}
	}
	return false
}

// unmarkedHistory finds an attribution above history without marks. People
// write "on Monday your colleague wrote:" too, programs a full address or the
// minute.
func unmarkedHistory(lines []textLine) int {
	for i := 1; i < len(lines); i++ {
		if !strings.HasSuffix(lines[i].words, ":") || lines[i].quoted() {
			continue
		}
		if first := attributionEndingAt(lines, i); first >= 0 && isStamped(joined(lines[first:i+1])) && !anyQuoted(lines[i:]) {
			return first
		}
	}
	return -1
}

func anyQuoted(lines []textLine) bool {
	for _, l := range lines {
		if l.quoted() {
			return true
		}
	}
	return false
}

// attributionEndingAt gives the first line of an attribution whose last line
// is i: mail programs wrap those that are long because a full address or date
// stands in them; up to four lines are looked at.
func attributionEndingAt(lines []textLine, i int) int {
	if !strings.HasSuffix(lines[i].words, ":") {
		return -1
	}
	for first := i; first >= 0 && first > i-4 && lines[first].words != ""; first-- {
		if line := joined(lines[first : i+1]); isAttribution(line) && (first == i || isStamped(line)) {
			return first
		}
	}
	return -1
}

func joined(lines []textLine) string {
	words := make([]string, len(lines))
	for i, l := range lines {
		words[i] = l.words
	}
	return strings.Join(words, " ")
}

// A stamp is what programs write and people hardly do: a mail address in
// brackets, or a date with its year beside a time.
var (
	stampAddress = regexp.MustCompile(`[<\[(](?:mailto:)?[^<>\s]+@[^<>\s]+[>\])]`)
	stampYear    = regexp.MustCompile(`\b(?:19|20)[0-9]{2}\b|\b[0-9]{1,2}[./-] ?[0-9]{1,2}[./-] ?[0-9]{2}\b`)
	stampTime    = regexp.MustCompile(`\b[0-9]{1,2} ?[:h] ?[0-9]{2}\b`)
)

func isStamped(line string) bool {
	return stampAddress.MatchString(line) || stampYear.MatchString(line) && stampTime.MatchString(line)
}

// clockTime is how an attribution begins that has no word of its own for it.
const clockTime = `[^0-9]{0,30}[0-9].*[0-9][:.][0-9]{2}\b.* `

// attributions are the last line above a quote, in the languages of Europe's
// mail programs.
var attributions = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`On .+ wrote`, `.+ wrote on .+`, `At .+ wrote`, `.+@.+ wrote`,
	`Am .+ schrieb.*`, `.+ schrieb am .+`, `Gesendet: .+ schrieb.*`, `Am .+ hat .+ geschrieben`,
	`(?:W dniu|Dnia|dnia) .+ (?:napisał|napisała|napisał\(a\)|pisze|wrote).*`,
	clockTime + `(?:napisał|napisała|napisał\(a\)|pisze)`, `Wiadomość napisana przez .+ (?:w dniu|dnia) .+`,
	`Le .+ a écrit`, `El .+ escribió`, `Il .+ ha scritto`, `Op .+ (?:schreef|heeft .+ geschreven).*`,
	`Em .+ escreveu`, `Den .+ skrev.*`, clockTime + `(?:napsal|napsala|napsal\(a\)|napísal|napísala|napísal\(a\))`,
	clockTime + `(?:пише|пишет|написал|написала|написав).*`, clockTime + `írta`,
}, "|") + `)\s*:$`)

func isAttribution(line string) bool {
	return len(line) <= 500 && strings.HasSuffix(line, ":") && attributions.MatchString(line)
}

// historyBlock finds the line on which history in the manner of Outlook
// starts: a separator, or a block of header lines. Whoever answers below the
// marked lines of it has no history there.
func historyBlock(lines []textLine) int {
	for i, l := range lines {
		switch {
		case isForwardMark(l.words):
			return -1 // what follows was sent on to be read
		case originalMark.MatchString(l.words):
			return unanswered(lines, i)
		case isHeaderBlock(lines[i:]):
			at := i
			for at > 0 && (lines[at-1].words == "" || strings.Trim(lines[at-1].words, "_-=*") == "") {
				at--
			}
			return unanswered(lines, skipBlank(lines, at))
		}
	}
	return -1
}

// unanswered is at, or -1 when behind it unmarked lines follow marked ones.
func unanswered(lines []textLine, at int) int {
	marked := false
	for _, l := range lines[at:] {
		if marked && l.words != "" && !l.quoted() {
			return -1
		}
		marked = marked || l.quoted()
	}
	return at
}

func skipBlank(lines []textLine, i int) int {
	for lines[i].words == "" {
		i++
	}
	return i
}

var (
	originalMark = regexp.MustCompile(`(?i)^[-_*=\s]{2,}\s*(?:original message|original appointment|ursprüngliche nachricht|original-?nachricht|` +
		`ursprungliche nachricht|oryginalna wiadomość|wiadomość oryginalna|wiadomość pierwotna|message d'origine|message original|mensaje original|` +
		`messaggio originale|oorspronkelijk bericht|mensagem original|původní zpráva|reply message)\s*[-_*=\s]{2,}$`)
	forwardMark = regexp.MustCompile(`(?i)^(?:[-_*=\s]{2,}\s*(?:forwarded message|weitergeleitete nachricht|przekazana wiadomość|` +
		`wiadomość przekazana(?: dalej)?|treść przekazanej wiadomości|message transféré|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht).*|` +
		`begin forwarded message:|anfang der weitergeleiteten nachricht:|początek przekazywanej wiadomości:|początek przekazanej wiadomości:|` +
		`początek wiadomości przekazanej dalej:|début du message transféré\s*:)$`)
)

func isForwardMark(line string) bool {
	return len(line) <= 200 && forwardMark.MatchString(line)
}

// The labels of a header block in English, German, Polish, French, Spanish,
// Portuguese, Italian, Dutch and Czech mail programs. Those of the time are
// two groups: nobody but a program writes the first.
var (
	fromLabel  = regexp.MustCompile(`(?i)^\*?(?:from|von|od|nadawca|de|da|van)[\s\x{a0}]?\*?:\*?\s*\S`)
	blockLabel = regexp.MustCompile(`(?i)^\*?(?:(sent|gesendet|wysłano|wysłane|envoyé|enviad[oa](?: el| em)?|inviato|verzonden|odesláno)|` +
		`(date|datum|data|fecha)|(to|an|do|à|para|a|aan|komu)|(subject|betreff|temat|objet|asunto|assunto|oggetto|onderwerp|předmět)|` +
		`cc|kopie|dw|reply-to|importance|priority)[\s\x{a0}]?\*?:`)
)

// maxHeaderLines of a block are read; a long list of recipients wraps.
const maxHeaderLines = 24

// A headerBlock is which labels stand below a From:.
type headerBlock struct {
	sent, to, subject bool
	sure              bool // a program wrote it: a label, an address or a time of the kind that people do not type
}

// isHeaderBlock says whether the lines start with From: and go on with Sent:,
// To: and Subject:. People who book from here to there on a date, and forms,
// have some of these, Outlook all. GMX and WEB.DE set the time above the
// sender.
func isHeaderBlock(lines []textLine) bool {
	if m := labelOf(lines[0]); m != nil && m[1] != "" && len(lines) > 1 {
		lines = slices.Concat(lines[1:2], lines[:1], lines[2:min(len(lines), maxHeaderLines)])
	}
	return readHeaderBlock(lines).complete()
}

func labelOf(l textLine) []string {
	return blockLabel.FindStringSubmatch(l.words[:min(len(l.words), 60)])
}

func (b headerBlock) complete() bool { return b.sent && b.to && b.subject && b.sure }

// readHeaderBlock reads labels, and the lines that a label wraps onto, until
// another mail's block begins or a paragraph that is none.
func readHeaderBlock(lines []textLine) (b headerBlock) {
	if lines[0].words == "" || len(lines[0].words) > 500 || !fromLabel.MatchString(lines[0].words) {
		return b
	}
	blank := false
	for i, l := range lines[:min(len(lines), maxHeaderLines)] {
		m := labelOf(l)
		switch {
		case m != nil:
			b.sent, b.to, b.subject = b.sent || m[1]+m[2] != "", b.to || m[3] != "", b.subject || m[4] != ""
			b.sure = b.sure || m[1] != ""
		case i > 0 && l.words != "" && (blank || fromLabel.MatchString(l.words)):
			return b
		}
		b.sure = b.sure || strings.Contains(l.words, "@") || isStamped(l.words)
		blank = l.words == ""
	}
	return b
}
