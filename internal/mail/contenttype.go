package mail

import (
	"sort"
	"strconv"
	"strings"
)

// A contentType is a value with parameters: Content-Type or
// Content-Disposition (RFC 2045 5.1, RFC 2183).
type contentType struct {
	value  string // lower-case: "text/plain", "attachment"
	params map[string]string
	over   bool // more than maxParameters
}

// contentType reads a raw field leniently: parameters without quotes, with
// blanks in them, with encoded words, split and encoded by RFC 2231.
func (d *decoder) contentType(raw []byte) contentType {
	s := unfold(raw)
	head, rest := s, ""
	if at := strings.IndexAny(s, "; "); at >= 0 {
		head, rest = s[:at], s[at:]
	}
	t := contentType{value: strings.ToLower(strings.Trim(head, " \"'"))}
	if before, name, found := strings.Cut(rest, "/"); found && !strings.ContainsAny(before, ";=") && !strings.Contains(t.value, "/") {
		head, rest, _ = strings.Cut(name, ";") // "text / plain; …"
		t.value = t.value + "/" + strings.ToLower(strings.TrimSpace(head))
	}
	t.value = strings.ReplaceAll(strings.ReplaceAll(t.value, " ", ""), "\t", "")
	list, over := splitParameters(rest)
	t.params, t.over = d.joinParameters(list), over
	return t
}

type parameter struct{ name, value string }

// splitParameters walks name=value pairs once, at most maxParameters.
func splitParameters(s string) (list []parameter, over bool) {
	for {
		s = strings.TrimLeft(s, "; \t,")
		if s == "" {
			return list, false
		}
		if len(list) == maxParameters {
			return list, true
		}
		at := strings.IndexAny(s, "=;")
		if at < 0 {
			return list, false
		}
		name := strings.ToLower(strings.TrimSpace(s[:at]))
		if s[at] == ';' {
			s = s[at:]
			continue
		}
		if blank := strings.LastIndexAny(name, " \t"); blank >= 0 {
			name = name[blank+1:]
		}
		var value string
		value, s = parameterValue(strings.TrimLeft(s[at+1:], " \t"))
		if name != "" {
			list = append(list, parameter{name, value})
		}
	}
}

// parameterValue takes a quoted or a bare value off s. A quote that never
// closes ends at the next semicolon. A bare value may hold blanks unless the
// next word starts another parameter.
func parameterValue(s string) (value, rest string) {
	if strings.HasPrefix(s, `"`) {
		if end := closingQuote(s, 0); end >= 0 {
			return unescape(s[1:end]), s[end+1:]
		}
		s = s[1:]
	}
	end := strings.IndexByte(s, ';')
	if end < 0 {
		end = len(s)
	}
	value, rest = s[:end], s[end:]
	if eq := strings.IndexByte(value, '='); eq > 0 && !strings.Contains(value, "=?") {
		if blank := strings.LastIndexAny(value[:eq], " \t"); blank > 0 && isParameterName(value[blank+1:eq]) {
			value, rest = s[:blank], s[blank:]
		}
	}
	return strings.Trim(value, " \t"), rest
}

func isParameterName(s string) bool {
	switch strings.ToLower(strings.TrimRight(s, "*0123456789")) {
	case "charset", "boundary", "name", "filename", "format", "type", "start", "size", "report-type", "delsp", "method":
		return true
	}
	return false
}

// unescape undoes \" and \\ only: "C:\TEMP\x.png" is a path, not quoting.
func unescape(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, `\"`, `"`), `\\`, `\`)
}

// joinParameters puts RFC 2231 pieces together (name*0, name*1*, name*), in
// the order of their numbers, and decodes. An extended form wins over a
// plain one.
func (d *decoder) joinParameters(list []parameter) map[string]string {
	params := make(map[string]string, len(list))
	pieces := map[string][]piece{}
	for _, p := range list {
		base, number, isPiece := strings.Cut(p.name, "*")
		if !isPiece {
			if _, have := params[p.name]; !have {
				params[p.name] = d.parameterText(p.value)
			}
			continue
		}
		encoded := number == "" || strings.HasSuffix(number, "*")
		n, _ := strconv.Atoi(strings.TrimSuffix(number, "*"))
		pieces[base] = append(pieces[base], piece{n, p.value, encoded})
	}
	for base, list := range pieces {
		params[base] = d.joinPieces(list)
	}
	return params
}

type piece struct {
	number  int
	value   string
	encoded bool
}

func (d *decoder) joinPieces(list []piece) string {
	sort.SliceStable(list, func(i, j int) bool { return list[i].number < list[j].number })
	charset := ""
	var data []byte
	anyEncoded := false
	for i, p := range list {
		if !p.encoded {
			data = append(data, p.value...)
			continue
		}
		if first := !anyEncoded && i == 0; first {
			if parts := strings.SplitN(p.value, "'", 3); len(parts) == 3 {
				charset, p.value = parts[0], parts[2]
			}
		}
		anyEncoded = true
		data, _ = appendUnescaped(data, []byte(p.value), '%')
	}
	if !anyEncoded {
		return d.parameterText(string(data))
	}
	text, _ := decodeCharset(data, charset, d.hint)
	if strings.Contains(text, "=?") {
		text = d.words(text)
	}
	return text
}

// parameterText decodes encoded words and 8-bit bytes, which no standard
// allows here and many senders write.
func (d *decoder) parameterText(s string) string {
	return d.words(s)
}

// fileName is a name on one line and at most 1,000 characters; folders stay.
func fileName(s string) string {
	s = strings.Map(dropControl, strings.ReplaceAll(s, "\t", " "))
	return cut(strings.TrimSpace(s), 1000)
}
