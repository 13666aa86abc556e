package mail

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// tnefBytes writes a winmail.dat (MS-OXTNEF): attributes of id and value.
type tnefBytes struct{ bytes.Buffer }

func newTNEF() *tnefBytes {
	var b tnefBytes
	b.Write([]byte{0x78, 0x9f, 0x3e, 0x22, 1, 0})
	return &b
}

func (b *tnefBytes) attribute(id uint32, value []byte) {
	b.WriteByte(1)
	binary.Write(b, binary.LittleEndian, id)
	binary.Write(b, binary.LittleEndian, uint32(len(value)))
	b.Write(value)
	sum := uint16(0)
	for _, c := range value {
		sum += uint16(c)
	}
	binary.Write(b, binary.LittleEndian, sum)
}

func property8(kind, id uint16, value string) []byte {
	var b bytes.Buffer
	for _, n := range []uint16{kind, id} {
		binary.Write(&b, binary.LittleEndian, n)
	}
	binary.Write(&b, binary.LittleEndian, []uint32{1, uint32(len(value))})
	b.WriteString(value)
	b.Write(make([]byte, (4-len(value)%4)%4))
	return b.Bytes()
}

func properties(list ...[]byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(list))), bytes.Join(list, nil)...)
}

func winmail(t *testing.T, text string, data []byte) *Message {
	t.Helper()
	return Parse([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + text + "\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: binary\n\n" + string(data) + "\n--b--\n"))
}

func TestWinmailIsUnpacked(t *testing.T) {
	t.Parallel()
	b := newTNEF()
	b.attribute(tnefCodepage, []byte{0xe2, 4, 0, 0, 0, 0, 0, 0}) // 1250
	b.attribute(tnefMessageProps, properties(property8(mapiString8, propBody, "Poma\xbfesz?\x00"), property8(mapiBinary, propBodyHTML, "<p>Poma\xbfesz?</p>")))
	b.attribute(tnefAttachStart, make([]byte, 14))
	b.attribute(tnefAttachTitle, []byte("LONGNA~1.TXT\x00"))
	b.attribute(tnefAttachData, []byte("inside"))
	b.attribute(tnefAttachProps, properties(property8(mapiUnicode, propAttachLongName, "l\x00o\x00n\x00g\x00.\x00t\x00x\x00t\x00\x00\x00"), property8(mapiString8, propAttachType, "text/plain\x00")))
	m := winmail(t, " ", b.Bytes())
	if m.Text != "Pomażesz?" || m.HTML != "<p>Pomażesz?</p>" || len(m.Attachments) != 1 {
		t.Fatalf("text %q, html %q, files %q", m.Text, m.HTML, names(m))
	}
	if a := m.Attachments[0]; a.Name != "long.txt" || a.Type != "text/plain" || string(a.Data) != "inside" {
		t.Errorf("%+v", a)
	}
	if m := winmail(t, "own text", b.Bytes()); m.Text != "own text" || m.HTML != "" || len(m.Attachments) != 1 {
		t.Errorf("the mail's own text was replaced: %q", m.Text)
	}
}

func TestWinmailThatCannotBeReadStays(t *testing.T) {
	t.Parallel()
	good := newTNEF()
	good.attribute(tnefAttachStart, make([]byte, 14))
	good.attribute(tnefAttachData, []byte("inside"))
	for name, data := range map[string][]byte{"empty": {}, "junk": []byte("this is no TNEF at all"), "cut": good.Bytes()[:20], "nothing inside": newTNEF().Bytes()} {
		m := winmail(t, "text", data)
		if len(m.Attachments) != 1 || m.Attachments[0].Name != "winmail.dat" {
			t.Errorf("%s: files %q", name, names(m))
		}
	}
}

func TestEveryCutWinmailIsSurvived(t *testing.T) {
	t.Parallel()
	b := newTNEF()
	b.attribute(tnefMessageProps, properties(property8(mapiString8, propBody, "text"), property8(mapiBinary, propRTFCompressed, "xxxxxxxxMELA0000{\\rtf1 a}")))
	b.attribute(tnefAttachStart, make([]byte, 14))
	b.attribute(tnefAttachProps, properties(property8(mapiBinary, propAttachData, "0123456789abcdefinside")))
	for n := range b.Len() {
		readTNEF(b.Bytes()[:n])
		broken := bytes.Clone(b.Bytes())
		broken[n] ^= 0xff
		readTNEF(broken)
	}
}

// The example of MS-OXRTFCP 4.1.
func TestCompressedRTFIsUnfolded(t *testing.T) {
	t.Parallel()
	packed := "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0"
	if got := string(decompressRTF([]byte(packed))); got != "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n" {
		t.Errorf("%q", got)
	}
	if got := rtfText(decompressRTF([]byte(packed))); got != "hello world" {
		t.Errorf("text %q", got)
	}
}

func TestRTFBecomesText(t *testing.T) {
	t.Parallel()
	for rtf, want := range map[string]string{
		`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator x;}Gr\'fc\'dfe\par und\tab \u8364? \{ok\}}`: "Grüße\nund\t€ {ok}",
		`no rtf`:    "",
		`{\rtf1`:    "",
		`{\rtf1 \'`: "",
		`{\rtf1 ` + strings.Repeat("{", 5000) + "deep": "deep",
	} {
		if got := rtfText([]byte(rtf)); got != want {
			t.Errorf("%.60q: got %q, want %q", rtf, got, want)
		}
	}
}
