package mail

import "bytes"

type uuFile struct {
	name string
	data []byte
}

// splitUuencoded takes "begin 644 name … end" blocks out of a text, at most
// max; rest is the text without them, the slice itself when there are none.
func splitUuencoded(body []byte, max int) (files []uuFile, rest []byte) {
	if !bytes.Contains(body, []byte("begin ")) {
		return nil, body
	}
	kept := 0
	for at := 0; at < len(body); {
		end, next := lineEnd(body, at)
		name, isBegin := uuBegin(body[at:end])
		if isBegin && len(files) < max {
			if data, after, ok := readUuencoded(body, next); ok {
				rest = append(rest, body[kept:at]...)
				files = append(files, uuFile{name, data})
				kept, next = after, after
			}
		}
		at = next
	}
	if len(files) == 0 {
		return nil, body
	}
	return files, append(rest, body[kept:]...)
}

// uuBegin reads "begin 644 name"; the name may be missing.
func uuBegin(line []byte) (name string, ok bool) {
	mode, found := bytes.CutPrefix(line, []byte("begin "))
	if !found {
		return "", false
	}
	mode, file, _ := bytes.Cut(mode, []byte(" "))
	if len(mode) < 3 || len(mode) > 4 {
		return "", false
	}
	for _, c := range mode {
		if c < '0' || c > '7' {
			return "", false
		}
	}
	return fileName(cleanText(string(file))), true
}

// readUuencoded decodes lines up to "end". A line that is no data makes it no
// uuencoded file at all.
func readUuencoded(body []byte, at int) (data []byte, after int, ok bool) {
	for at < len(body) {
		end, next := lineEnd(body, at)
		line := body[at:end]
		at = next
		if string(bytes.TrimRight(line, " ")) == "end" {
			return data, at, len(data) > 0
		}
		if len(bytes.TrimRight(line, " ")) == 0 {
			continue
		}
		if data, ok = appendUuLine(data, line); !ok {
			return nil, 0, false
		}
	}
	return nil, 0, false
}

func appendUuLine(data, line []byte) ([]byte, bool) {
	for _, c := range line {
		if c < ' ' || c > '`' {
			return nil, false
		}
	}
	n := int(line[0]-' ') & 63
	chars := line[1:]
	if len(chars) > (n+2)/3*4+2 {
		return nil, false
	}
	at := func(i int) byte {
		if i < len(chars) {
			return (chars[i] - ' ') & 63
		}
		return 0 // blanks at the line's end were cut off on the way
	}
	for i := 0; n > 0; i += 4 {
		group := [3]byte{at(i)<<2 | at(i+1)>>4, at(i+1)<<4 | at(i+2)>>2, at(i+2)<<6 | at(i+3)}
		data = append(data, group[:min(n, 3)]...)
		n -= 3
	}
	return data, true
}
