package mail

import (
	"bytes"
	"strings"
	"unicode"
)

// MaxReferences is how many of the last references are used for threading.
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
	t.References = lastDistinct(t.References, MaxReferences)
	return t
}

// messageIDs finds <…> anywhere in a raw value; without brackets, the words
// that hold an @. At most MaxReferences, the last ones.
func messageIDs(value []byte) []string {
	var ids []string
	for rest := value; len(ids) < 10*MaxReferences; {
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
	if len(ids) == 0 {
		return bareMessageIDs(value)
	}
	for i, j := 0, len(ids)-1; i < j; i, j = i+1, j-1 {
		ids[i], ids[j] = ids[j], ids[i]
	}
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

// lastDistinct keeps the last n, each at its last place.
func lastDistinct(ids []string, n int) []string {
	seen := make(map[string]bool, n)
	kept := make([]string, 0, min(n, len(ids)))
	for i := len(ids) - 1; i >= 0 && len(kept) < n; i-- {
		if !seen[ids[i]] {
			seen[ids[i]] = true
			kept = append(kept, ids[i])
		}
	}
	for i, j := 0, len(kept)-1; i < j; i, j = i+1, j-1 {
		kept[i], kept[j] = kept[j], kept[i]
	}
	return kept
}
