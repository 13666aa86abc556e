package mail

import (
	"regexp"
	"strconv"
	"strings"
)

// SubjectTag is how a ticket's number stands in subjects: "[#100001]".
func SubjectTag(n int64) string { return "[#" + strconv.FormatInt(n, 10) + "]" }

var subjectTags = regexp.MustCompile(`\[#([0-9]{1,18})\]`)

// TagIn finds the first ticket number in a subject. It is a hint anybody can
// write: who may follow it is decided elsewhere (RELIABILITY 4).
func TagIn(subject string) (n int64, ok bool) {
	m := subjectTags.FindStringSubmatch(subject)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return n, err == nil && n > 0
}

// WithTag is the subject with the ticket's tag at its end, exactly once.
// Tags with other numbers stay: they belong to somebody else's desk, or to
// the ticket this one was split from, and TagIn must find ours first.
func WithTag(subject string, n int64) string {
	tag := SubjectTag(n)
	if first, ok := TagIn(subject); ok && first == n && strings.Count(subject, tag) == 1 {
		return strings.TrimSpace(subject)
	}
	rest := strings.Join(strings.Fields(strings.ReplaceAll(subject, tag, " ")), " ")
	if _, foreign := TagIn(rest); foreign {
		reply, words := cutReplyPrefix(rest)
		return strings.TrimSpace(reply + tag + " " + words)
	}
	return strings.TrimSpace(rest + " " + tag)
}

// replyPrefix are the answers of mail programs: Re, Re[2], AW and Antw
// (German), Odp (Polish), SV, VS, Vá, BLS, RIF, R, Resp, Antwort.
var replyPrefix = regexp.MustCompile(`^(?i:re|aw|antw|antwort|odp|sv|vs|vá|bls|rif|resp)(?:\[[0-9]{1,3}\]|\^[0-9]{1,3}|\([0-9]{1,3}\))?\s?[:：]\s*`)

// ReplySubject is the subject of an answer: one "Re: ", however many and in
// whatever language stood before.
func ReplySubject(subject string) string {
	_, words := cutReplyPrefix(strings.TrimSpace(headerText(subject)))
	return strings.TrimSpace("Re: " + words)
}

// cutReplyPrefix splits "AW: Re: x" into "Re: " and "x".
func cutReplyPrefix(subject string) (reply, words string) {
	words = strings.TrimSpace(subject)
	for range 100 {
		at := replyPrefix.FindStringIndex(words)
		if at == nil {
			break
		}
		reply, words = "Re: ", words[at[1]:]
	}
	return reply, words
}
