package mail

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// What a winmail.dat is made of (MS-OXTNEF 2.1.3).
const (
	tnefSignature     = 0x223e9f78
	tnefBody          = 0x0002800c
	tnefMessageProps  = 0x00069003
	tnefAttachProps   = 0x00069005
	tnefAttachStart   = 0x00069002
	tnefAttachTitle   = 0x00018010
	tnefAttachData    = 0x0006800f
	tnefCodepage      = 0x00069007
	maxTNEFFiles      = 200
	maxTNEFProperties = 2000
)

// The MAPI properties read (MS-OXPROPS).
const (
	propBody           = 0x1000
	propRTFCompressed  = 0x1009
	propBodyHTML       = 0x1013
	propAttachData     = 0x3701
	propAttachName     = 0x3704
	propAttachLongName = 0x3707
	propAttachType     = 0x370e
	propAttachCID      = 0x3712
)

func isTNEF(kind, name string) bool {
	switch kind {
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	}
	return strings.EqualFold(name, "winmail.dat") || strings.EqualFold(name, "win.dat")
}

type tnef struct {
	codepage   string
	text, html string
	rtf        []byte
	files      []tnefFile
}

type tnefFile struct {
	name, kind, contentID string
	data                  []byte
}

// unpackTNEF adds what a winmail.dat holds. It returns false, and adds
// nothing, when there is nothing readable in it: then the file stays.
func (m *Message) unpackTNEF(d *decoder, data []byte) bool {
	t, ok := readTNEF(data)
	if !ok {
		m.warn("winmail.dat could not be read")
		return false
	}
	tookBody := false
	if strings.TrimSpace(m.Text) == "" && strings.TrimSpace(m.HTML) == "" {
		m.HTML, m.Text = t.html, t.text
		if rtf := rtfText(t.rtf); m.Text == "" && m.HTML == "" {
			m.Text = rtf
		}
		if m.Text == "" && m.HTML != "" {
			m.Text = HTMLToText(m.HTML)
		}
		tookBody = m.Text != ""
	}
	shown := contentIDs(m.HTML)
	for _, f := range t.files {
		a := Attachment{Name: fileName(f.name), Type: mediaType(f.kind), Data: f.data, SHA256: sha256.Sum256(f.data), ContentID: f.contentID}
		a.Inline = standsWithin(a, shown)
		m.Attachments = append(m.Attachments, a)
	}
	return len(t.files) > 0 || tookBody
}

// readTNEF walks the attributes once. Data beyond the end ends the walk; what
// was read before stays.
func readTNEF(data []byte) (t tnef, ok bool) {
	if len(data) < 6 || binary.LittleEndian.Uint32(data) != tnefSignature {
		return t, false
	}
	t.codepage = "windows-1252"
	for rest := data[6:]; len(rest) >= 11; {
		id, size := binary.LittleEndian.Uint32(rest[1:]), binary.LittleEndian.Uint32(rest[5:])
		if uint64(size)+11 > uint64(len(rest)) {
			break
		}
		t.take(id, rest[9:9+size])
		rest = rest[11+size:]
	}
	return t, true
}

func (t *tnef) take(id uint32, value []byte) {
	var file *tnefFile
	if n := len(t.files); n > 0 {
		file = &t.files[n-1]
	}
	switch {
	case id == tnefCodepage && len(value) >= 4:
		t.codepage = codepageName(binary.LittleEndian.Uint32(value))
	case id == tnefBody && t.text == "":
		t.text = t.string8(value)
	case id == tnefMessageProps:
		eachProperty(value, t.takeMessage)
	case id == tnefAttachStart && len(t.files) < maxTNEFFiles:
		t.files = append(t.files, tnefFile{kind: "application/octet-stream"})
	case file == nil:
	case id == tnefAttachTitle && file.name == "":
		file.name = t.string8(value)
	case id == tnefAttachData:
		file.data = value
	case id == tnefAttachProps:
		eachProperty(value, func(p property) { t.takeFile(file, p) })
	}
}

func (t *tnef) takeMessage(p property) {
	switch p.id {
	case propBody:
		t.text = t.string(p)
	case propBodyHTML:
		t.html = t.string(p)
	case propRTFCompressed:
		t.rtf = decompressRTF(p.value)
	}
}

func (t *tnef) takeFile(f *tnefFile, p property) {
	switch p.id {
	case propAttachLongName:
		f.name = t.string(p)
	case propAttachName:
		if f.name == "" {
			f.name = t.string(p)
		}
	case propAttachType:
		f.kind = strings.ToLower(t.string(p))
	case propAttachCID:
		f.contentID = strings.Trim(t.string(p), "<> ")
	case propAttachData:
		if len(f.data) == 0 && len(p.value) > 16 {
			f.data = p.value[16:] // behind the interface's id: an embedded message
		}
	}
}

func (t *tnef) string(p property) string {
	if p.kind != mapiUnicode {
		return t.string8(p.value)
	}
	units := make([]uint16, len(p.value)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(p.value[2*i:])
	}
	return unixLines(strings.TrimRight(cleanText(string(utf16.Decode(units))), "\x00"))
}

func (t *tnef) string8(value []byte) string {
	text, _ := decodeCharset(trimNul(value), t.codepage, "")
	return unixLines(text)
}

func trimNul(value []byte) []byte {
	for len(value) > 0 && value[len(value)-1] == 0 {
		value = value[:len(value)-1]
	}
	return value
}

func codepageName(number uint32) string {
	switch number {
	case 65001:
		return "utf-8"
	case 932:
		return "shift_jis"
	case 936:
		return "gb18030"
	case 949:
		return "euc-kr"
	case 950:
		return "big5"
	case 1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258:
		return "windows-" + string([]byte{'1', '2', '5', byte('0' + number%10)})
	}
	return "windows-1252"
}

// The types of MAPI values (MS-OXCDATA 2.11.1).
const (
	mapiObject  = 13
	mapiString8 = 30
	mapiUnicode = 31
	mapiBinary  = 258
)

type property struct {
	id, kind uint16
	value    []byte
}

// eachProperty walks an encapsulated property list (MS-OXTNEF 2.1.3.4) and
// ends where it stops making sense.
func eachProperty(data []byte, take func(property)) {
	r := tnefReader{data: data}
	for n := r.uint32(); n > 0 && !r.bad && r.taken < maxTNEFProperties; n-- {
		r.taken++
		p := property{kind: r.uint16(), id: r.uint16()}
		if p.id >= 0x8000 {
			r.skipName()
		}
		isMulti := p.kind&0x1000 != 0
		p.kind &^= 0x1000
		values := uint32(1)
		if isMulti || isVariable(p.kind) {
			values = r.uint32()
		}
		for ; values > 0 && !r.bad; values-- {
			p.value = r.value(p.kind)
			if !r.bad {
				take(p)
			}
		}
	}
}

type tnefReader struct {
	data  []byte
	bad   bool
	taken int
}

func (r *tnefReader) bytes(n uint32) []byte {
	if r.bad || uint64(n) > uint64(len(r.data)) {
		r.bad = true
		return nil
	}
	out := r.data[:n]
	r.data = r.data[n:]
	return out
}

func (r *tnefReader) uint16() uint16 {
	if b := r.bytes(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *tnefReader) uint32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *tnefReader) skipName() {
	r.bytes(16)
	if kind := r.uint32(); kind == 0 {
		r.bytes(4)
		return
	}
	r.padded(r.uint32())
}

func (r *tnefReader) padded(n uint32) []byte {
	out := r.bytes(n)
	if pad := (4 - n%4) % 4; pad > 0 && uint64(pad) <= uint64(len(r.data)) {
		r.bytes(pad)
	}
	return out
}

func isVariable(kind uint16) bool {
	return kind == mapiObject || kind == mapiString8 || kind == mapiUnicode || kind == mapiBinary
}

func (r *tnefReader) value(kind uint16) []byte {
	switch kind {
	case mapiObject, mapiString8, mapiUnicode, mapiBinary:
		return r.padded(r.uint32())
	case 2, 3, 4, 10, 11:
		return r.bytes(4)
	case 5, 6, 7, 20, 64:
		return r.bytes(8)
	case 72:
		return r.bytes(16)
	}
	r.bad = true
	return nil
}
