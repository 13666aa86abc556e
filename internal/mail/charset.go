package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decodeCharset turns bytes into valid UTF-8 without NUL. label is what the
// mail claims and may be empty or wrong; hint is a charset used elsewhere in
// the mail. Bytes are looked at only when the label is missing, unknown or
// does not fit. ok is false when the text had to be guessed.
func decodeCharset(data []byte, label, hint string) (text string, ok bool) {
	label = normalCharset(label)
	if isPlainASCII(data) {
		if !isStateful(label) {
			return string(data), true
		}
	} else if label == "" || label == "utf-8" || label == "us-ascii" {
		if enc, size := byteOrderMark(data); enc != nil {
			return decodeWith(enc, data[size:])
		}
		if utf8.Valid(data) && !hasISO2022(data) && !looksUTF16(data) {
			return cleanText(string(data)), label != "us-ascii"
		}
		if label == "utf-8" && hasMultibyteUTF8(data) {
			return cleanText(string(data)), false
		}
		text, _ = guessCharset(data, hint)
		return text, false
	}
	switch label {
	case "utf-7":
		return cleanText(decodeUTF7(data)), true
	case "iso-2022-kr":
		return decodeWith(korean.EUCKR, unshiftKorean(data))
	case "utf-16":
		return decodeWith(utf16Order(data), data)
	}
	enc := encodingOf(label)
	if enc == nil {
		text, _ = guessCharset(data, hint)
		return text, false
	}
	text, ok = decodeWith(enc, data)
	if !ok && utf8.Valid(data) {
		return cleanText(string(data)), false
	}
	return text, ok
}

// decodeWith decodes; ok is false when something did not fit.
func decodeWith(enc encoding.Encoding, data []byte) (string, bool) {
	out, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		return cleanText(string(data)), false
	}
	return cleanText(string(out)), !bytes.ContainsRune(out, utf8.RuneError)
}

// guessCharset finds a charset: escapes and byte order first, then UTF-8, the
// hint, statistics, at last windows-1252.
func guessCharset(data []byte, hint string) (text, name string) {
	switch {
	case hasISO2022(data):
		text, _ = decodeWith(japanese.ISO2022JP, data)
		return text, "iso-2022-jp"
	case looksUTF16(data):
		text, _ = decodeWith(utf16Order(data), data)
		return text, "utf-16"
	case utf8.Valid(data):
		return cleanText(string(data)), "utf-8"
	}
	if hint = normalCharset(hint); hint != "" && hint != "utf-8" && hint != "us-ascii" {
		if enc := encodingOf(hint); enc != nil {
			if text, ok := decodeWith(enc, data); ok {
				return text, hint
			}
		}
	}
	name = statisticalCharset(data)
	if enc := encodingOf(name); enc != nil {
		if text, ok := decodeWith(enc, data); ok {
			return text, name
		}
	}
	text, _ = decodeWith(charmap.Windows1252, data)
	return text, "windows-1252"
}

// statisticalCharset asks the detector, and believes in a two-byte charset
// only when high bytes come in pairs: single accents between ASCII letters
// are a European language.
func statisticalCharset(data []byte) string {
	sample := data[:min(len(data), 16<<10)]
	high, lone := 0, 0
	for i, c := range sample {
		if c < 0x80 {
			continue
		}
		high++
		if (i == 0 || sample[i-1] < 0x80) && (i+1 == len(sample) || sample[i+1] < 0x80) {
			lone++
		}
	}
	results, err := chardet.NewTextDetector().DetectAll(sample)
	if err != nil {
		return ""
	}
	western := lone*5 > high*2
	for _, r := range results {
		name := normalCharset(r.Charset)
		switch name {
		case "gb18030", "gbk", "big5", "euc-jp", "euc-kr", "shift_jis":
			if western || r.Confidence < 10 {
				continue
			}
		case "utf-8", "utf-16be", "utf-16le", "utf-32be", "utf-32le", "iso-2022-jp", "iso-2022-kr", "iso-2022-cn":
			continue
		default:
			if r.Confidence < 20 {
				continue
			}
		}
		return name
	}
	return ""
}

// normalCharset brings the many spellings of a label together; "" means none
// was given, or one that says nothing.
func normalCharset(label string) string {
	label = strings.ToLower(strings.Trim(label, " \t\"'<>()"))
	label, _, _ = strings.Cut(label, "*")
	switch label {
	case "utf8", "utf_8", "unicode-1-1-utf-8", "cp65001", "x-unicode20utf8":
		return "utf-8"
	case "ascii", "us_ascii", "usascii", "ansi_x3.4-1968", "iso646-us", "646", "7bit":
		return "us-ascii"
	case "x-unknown", "unknown", "unknown-8bit", "x-user-defined", "binary", "8bit", "default", "_autodetect", "charset", "iso":
		return ""
	case "utf7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "cp65000":
		return "utf-7"
	case "utf16", "unicode", "ucs-2", "iso-10646-ucs-2":
		return "utf-16"
	case "gb2312", "gbk", "gb_2312-80", "cp936", "ms936", "windows-936", "x-gbk", "gb-2312", "euc-cn", "x-euc-cn", "gb-18030":
		return "gb18030"
	case "cp932", "ms932", "x-ms-cp932", "windows-932", "sjis", "x-sjis", "shift-jis", "windows-31j", "ms_kanji":
		return "shift_jis"
	case "cp949", "ms949", "windows-949", "ks_c_5601-1987", "ksc5601", "ks_c_5601", "x-windows-949", "euckr":
		return "euc-kr"
	case "cp950", "ms950", "big-5", "x-big5", "big5-hkscs", "cn-big5":
		return "big5"
	case "eucjp", "x-euc-jp", "ujis":
		return "euc-jp"
	case "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-ms", "iso-2022-jp-2004", "cp50220", "cp50221", "cp50222", "jis", "iso2022jp", "csiso2022jp":
		return "iso-2022-jp"
	case "csiso2022kr", "iso2022kr":
		return "iso-2022-kr"
	}
	return label
}

// encodingOf returns the decoder of a normalised label, nil when unknown.
func encodingOf(label string) encoding.Encoding {
	switch label {
	case "":
		return nil
	case "gb18030":
		return simplifiedchinese.GB18030
	case "hz-gb-2312", "hz":
		return simplifiedchinese.HZGB2312
	case "shift_jis":
		return japanese.ShiftJIS
	case "euc-jp":
		return japanese.EUCJP
	case "iso-2022-jp":
		return japanese.ISO2022JP
	case "euc-kr":
		return korean.EUCKR
	case "big5":
		return traditionalchinese.Big5
	case "utf-32", "utf-32le", "utf-32be":
		return utf32.UTF32(endian32(label), utf32.UseBOM)
	case "iso-8859-9", "latin5":
		return charmap.Windows1254
	}
	if enc, err := htmlindex.Get(label); err == nil {
		if name, _ := htmlindex.Name(enc); name != "replacement" && name != "x-user-defined" {
			return enc
		}
		return nil
	}
	return encodingByNumber(label)
}

func endian32(label string) utf32.Endianness {
	if label == "utf-32le" {
		return utf32.LittleEndian
	}
	return utf32.BigEndian
}

// encodingByNumber reads the number out of labels such as "ibm850",
// "cp-1252", "iso8859_2" or "windows1251".
func encodingByNumber(label string) encoding.Encoding {
	if _, part, found := strings.Cut(label, "8859"); found {
		part = strings.Trim(part, "-_ :.")
		if enc, err := htmlindex.Get("iso-8859-" + part); err == nil {
			return enc
		}
	}
	digits := strings.TrimLeft(label, "abcdefghijklmnopqrstuvwxyz-_ ")
	switch digits {
	case "437":
		return charmap.CodePage437
	case "850":
		return charmap.CodePage850
	case "852":
		return charmap.CodePage852
	case "855":
		return charmap.CodePage855
	case "858":
		return charmap.CodePage858
	case "860":
		return charmap.CodePage860
	case "862":
		return charmap.CodePage862
	case "863":
		return charmap.CodePage863
	case "865":
		return charmap.CodePage865
	case "866":
		return charmap.CodePage866
	case "1250", "1251", "1252", "1253", "1254", "1255", "1256", "1257", "1258", "874":
		enc, _ := htmlindex.Get("windows-" + digits)
		return enc
	}
	switch label {
	case "ansi", "latin-1", "latin 1", "western":
		return charmap.Windows1252
	case "latin-2":
		return charmap.ISO8859_2
	case "koi8", "koi-8-r", "koi8r":
		return charmap.KOI8R
	}
	return nil
}

// isPlainASCII is true for text that is itself in almost every charset.
func isPlainASCII(data []byte) bool {
	for _, c := range data {
		if c >= 0x80 || c == 0 || c == 0x1b || c == 0x0e {
			return false
		}
	}
	return true
}

// isStateful is true for charsets that write letters with ASCII bytes.
func isStateful(label string) bool {
	switch label {
	case "utf-7", "hz-gb-2312", "hz", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be":
		return true
	}
	return false
}

func hasMultibyteUTF8(data []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(data); {
		if data[i] < 0x80 {
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		i += size
	}
	return good > bad
}

// hasISO2022 looks for the escapes that switch to Japanese (RFC 1468).
func hasISO2022(data []byte) bool {
	for _, escape := range []string{"\x1b$B", "\x1b$@", "\x1b(J", "\x1b$(D"} {
		if bytes.Contains(data, []byte(escape)) {
			return true
		}
	}
	return false
}

func byteOrderMark(data []byte) (encoding.Encoding, int) {
	switch {
	case bytes.HasPrefix(data, []byte{0xef, 0xbb, 0xbf}):
		return encoding.Nop, 3
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), 2
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), 2
	}
	return nil, 0
}

// looksUTF16 is true when almost every second byte is NUL.
func looksUTF16(data []byte) bool {
	sample := data[:min(len(data), 1024)]
	if len(sample) < 4 {
		return false
	}
	even, odd := nulsByPlace(sample)
	return max(even, odd)*10 > len(sample)/2*7 && min(even, odd)*10 < len(sample)/2
}

func nulsByPlace(sample []byte) (even, odd int) {
	for i, c := range sample {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	return even, odd
}

func utf16Order(data []byte) encoding.Encoding {
	even, odd := nulsByPlace(data[:min(len(data), 1024)])
	if odd > even {
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	}
	return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
}

// unshiftKorean turns ISO-2022-KR (RFC 1557) into EUC-KR.
func unshiftKorean(data []byte) []byte {
	data = bytes.ReplaceAll(data, []byte("\x1b$)C"), nil)
	out, shifted := make([]byte, 0, len(data)), false
	for _, c := range data {
		switch {
		case c == 0x0e || c == 0x0f:
			shifted = c == 0x0e
		case shifted && c > ' ' && c < 0x7f:
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	return out
}

// cleanText makes any string fit to be stored: valid UTF-8, no NUL, no byte
// order mark in front.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.TrimPrefix(s, "\uFEFF")
}
