package mail

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
)

// MaxReferences is how many references are used for threading: the first, which
// names the conversation, and the newest.
const MaxReferences = 50

// maxMessageID bounds one identifier (RFC 5322 lines are below 1,000).
const maxMessageID = 998

// Threading is what joins mails into conversations. Identifiers stand without
// angle brackets; References are oldest first and without repetitions.
type Threading struct {
	MessageID  string
	InReplyTo  string
	References []string
}

// References reads the threading fields from the bytes of a mail, without
// MIME and before any parse, in linear time; it forgives what Parse forgives.
func References(raw []byte) Threading {
	h, _, _ := readHeader(normalBytes(raw), headerLimit{bytes: maxThreadingBytes, fields: 10000, share: 64 << 10})
	return threading(h)
}

// maxThreadingBytes leaves room for a References field of a megabyte: its
// last identifiers matter most.
const maxThreadingBytes = 8 << 20

func threading(h header) Threading {
	t := Threading{References: []string{}}
	if ids := messageIDs(h.first("message-id")); len(ids) > 0 {
		t.MessageID = ids[0]
	}
	if ids := messageIDs(h.first("in-reply-to")); len(ids) > 0 {
		t.InReplyTo = ids[0]
	}
	for _, value := range h.all("references") {
		t.References = append(t.References, messageIDs(value)...)
	}
	t.References = firstAndNewest(t.References, MaxReferences)
	return t
}

// messageIDs finds <…> anywhere in a raw value; without brackets, the words
// that hold an @. Of very many, the first and the last ones.
func messageIDs(value []byte) []string {
	var ids []string
	rest := value
	for len(ids) < 10*MaxReferences {
		end := bytes.LastIndexByte(rest, '>')
		if end < 0 {
			break
		}
		start := bytes.LastIndexByte(rest[:end], '<')
		if start < 0 {
			break
		}
		if id := cleanMessageID(rest[start+1 : end]); id != "" {
			ids = append(ids, id)
		}
		rest = rest[:start]
	}
	switch len(ids) {
	case 0:
		return bareMessageIDs(value)
	case 10 * MaxReferences:
		if end := bytes.IndexByte(rest, '>'); end >= 0 {
			ids = append(ids, messageIDs(rest[:end+1])...)
		}
	}
	slices.Reverse(ids)
	return ids
}

func bareMessageIDs(value []byte) []string {
	var ids []string
	words := bytes.Fields(value[max(0, len(value)-64<<10):])
	for _, w := range words[max(0, len(words)-MaxReferences):] {
		if id := cleanMessageID(bytes.Trim(w, "<>,;\"")); strings.Contains(id, "@") || id != "" && len(words) == 1 {
			ids = append(ids, id)
		}
	}
	return ids
}

// cleanMessageID drops blanks (a folded identifier), brackets and what no database
// takes; "" when nothing is left or it is too long to be one.
func cleanMessageID(raw []byte) string {
	if len(raw) > maxMessageID {
		return ""
	}
	id := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) || r == '<' || r == '>' {
			return -1
		}
		return r
	}, cleanText(string(raw)))
	if len(id) > maxMessageID {
		return ""
	}
	return id
}

// firstAndNewest keeps n, each at its last place: of more, those in the middle
// are left out (RFC 5322, 3.6.4).
func firstAndNewest(ids []string, n int) []string {
	seen := make(map[string]bool, n)
	kept := make([]string, 0, min(n, len(ids)))
	for i := len(ids) - 1; i >= 0 && len(kept) < n; i-- {
		if !seen[ids[i]] {
			seen[ids[i]] = true
			kept = append(kept, ids[i])
		}
	}
	slices.Reverse(kept)
	if len(kept) == n && !seen[ids[0]] {
		kept[0] = ids[0]
	}
	return kept
}
