package mail

import (
	"regexp"
	"strings"
)

// QuoteAt is the byte offset at which the quoted history of a text begins:
// from there to the end nothing new is said, so a page may fold it (PRODUCT
// M10). It is -1 when there is none: no quote, nothing but a quote (a
// forwarded mail), or an answer written below or between quoted lines, which
// must stay visible. Nothing is ever cut; text[:at] + text[at:] is the text.
func QuoteAt(text string) int {
	lines := textLines(text)
	at := historyBlock(lines)
	if run := trailingRun(lines); run >= 0 && (at < 0 || run < at) {
		at = run
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
}

func (l textLine) quoted() bool {
	return strings.HasPrefix(l.words, ">") || strings.HasPrefix(l.words, "|>")
}

func textLines(text string) []textLine {
	lines := make([]textLine, 0, strings.Count(text, "\n")+1)
	offset := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		lines = append(lines, textLine{offset, strings.TrimFunc(line, isBlankRune)})
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

// trailingRun finds "> " lines that go on to the end, with the attribution
// above them, or an attribution above unmarked history.
func trailingRun(lines []textLine) int {
	start, marked := len(lines), false
	for start > 0 && (lines[start-1].words == "" || lines[start-1].quoted()) {
		start--
		marked = marked || lines[start].quoted()
	}
	if marked {
		for !lines[start].quoted() {
			start++
		}
		return withAttribution(lines, start)
	}
	for i := 1; i < len(lines); i++ {
		if !strings.HasSuffix(lines[i].words, ":") || lines[i].quoted() {
			continue
		}
		if first := attributionEndingAt(lines, i); first >= 0 && !anyQuoted(lines[i:]) {
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

// withAttribution moves a start up over "On … wrote:" if that stands there.
func withAttribution(lines []textLine, start int) int {
	i := start - 1
	for i >= 0 && lines[i].words == "" {
		i--
	}
	if i < 0 {
		return start
	}
	if isForwardMark(lines[i].words) {
		return -1
	}
	if first := attributionEndingAt(lines, i); first >= 0 {
		return first
	}
	return start
}

// attributionEndingAt gives the first line of an attribution whose last line
// is i: mail programs wrap them, up to four lines are looked at.
func attributionEndingAt(lines []textLine, i int) int {
	joined := ""
	for first := i; first >= 0 && first > i-4 && lines[first].words != ""; first-- {
		joined = strings.TrimSpace(lines[first].words + " " + joined)
		if isAttribution(joined) {
			return first
		}
	}
	return -1
}

// attributions are the last line above a quote, in the languages of Europe's
// mail programs.
var attributions = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`On .+ wrote`, `.+ wrote on .+`, `At .+ wrote`, `.+@.+ wrote`,
	`Am .+ schrieb.*`, `.+ schrieb am .+`, `Gesendet: .+ schrieb.*`, `Am .+ hat .+ geschrieben`,
	`(?:W dniu|Dnia|dnia) .+ (?:napisał|napisała|napisał\(a\)|pisze|wrote).*`,
	`.+[0-9].+ (?:napisał|napisała|napisał\(a\)|pisze)`, `Wiadomość napisana przez .+ (?:w dniu|dnia) .+`,
	`Le .+ a écrit`, `El .+ escribió`, `Il .+ ha scritto`, `Op .+ (?:schreef|heeft .+ geschreven).*`,
	`Em .+ escreveu`, `Den .+ skrev.*`, `.+[0-9].+ (?:napsal|napsala|napsal\(a\)|napísal|napísala|napísal\(a\))`,
	`.+[0-9].+ (?:пише|пишет|написал|написала|написав).*`, `.+[0-9].+ írta`,
}, "|") + `)\s*:$`)

func isAttribution(line string) bool {
	return len(line) <= 500 && strings.HasSuffix(line, ":") && attributions.MatchString(line)
}

// historyBlock finds the line on which history in the manner of Outlook
// starts: a separator, or a block of header lines.
func historyBlock(lines []textLine) int {
	for i, l := range lines {
		switch {
		case isForwardMark(l.words):
			return -1 // what follows was sent on to be read
		case originalMark.MatchString(l.words):
			return i
		case isHeaderBlock(lines[i:]):
			for i > 0 && (lines[i-1].words == "" || strings.Trim(lines[i-1].words, "_-=*") == "") {
				i--
			}
			return skipBlank(lines, i)
		}
	}
	return -1
}

func skipBlank(lines []textLine, i int) int {
	for lines[i].words == "" {
		i++
	}
	return i
}

var (
	originalMark = regexp.MustCompile(`(?i)^[-_*=\s]{2,}\s*(?:original message|original appointment|ursprüngliche nachricht|originalnachricht|` +
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
// Italian, Dutch and Czech mail programs.
var (
	fromLabel  = regexp.MustCompile(`(?i)^\*?(?:from|von|od|nadawca|de|da|van)\s?\*?:\*?\s*\S`)
	blockLabel = regexp.MustCompile(`(?i)^\*?(sent|date|to|cc|subject|gesendet|datum|an|betreff|kopie|wysłano|wysłane|data|do|dw|temat|` +
		`envoyé|à|objet|enviado(?: el)?|para|asunto|inviato|a|oggetto|verzonden|aan|onderwerp|odesláno|komu|předmět|reply-to|importance|priority)\s?\*?:`)
)

// isHeaderBlock says whether the lines start with From: and at least two
// more different header lines in the next seven.
func isHeaderBlock(lines []textLine) bool {
	if lines[0].words == "" || len(lines[0].words) > 500 || !fromLabel.MatchString(lines[0].words) {
		return false
	}
	seen := map[string]bool{}
	for _, l := range lines[1:min(len(lines), 8)] {
		if m := blockLabel.FindStringSubmatch(l.words[:min(len(l.words), 60)]); m != nil {
			seen[strings.ToLower(m[1])] = true
		}
	}
	return len(seen) >= 2
}
