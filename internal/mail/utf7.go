package mail

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// decodeUTF7 reads UTF-7 (RFC 2152), leaving what does not fit as it stands.
func decodeUTF7(data []byte) string {
	var out strings.Builder
	out.Grow(len(data))
	for i := 0; i < len(data); {
		if data[i] != '+' {
			out.WriteByte(data[i])
			i++
			continue
		}
		end := i + 1
		for end < len(data) && base64Letter(rune(data[end])) == rune(data[end]) {
			end++
		}
		if end == i+1 {
			out.WriteByte('+')
		} else {
			out.WriteString(shiftedUTF7(data[i+1 : end]))
		}
		if end < len(data) && data[end] == '-' {
			end++
		}
		i = end
	}
	return out.String()
}

func shiftedUTF7(run []byte) string {
	wide := decodeBase64(run)
	units := make([]uint16, len(wide)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(wide[2*i:])
	}
	return string(utf16.Decode(units))
}
