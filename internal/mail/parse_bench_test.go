package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// BenchmarkParse reads the mails a help desk gets: a short text, text beside
// HTML, and one with a file of 200 kB.
func BenchmarkParse(b *testing.B) {
	for name, raw := range map[string][]byte{
		"text": ordinaryText(), "html": ordinaryHTML(), "file": withFile(200 << 10), "10MB line": append([]byte("From: a@b.example\n\n"), bytes.Repeat([]byte("x"), 10<<20)...),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(raw)
			}
		})
	}
}

func ordinaryText() []byte {
	return []byte("Return-Path: <jane@example.org>\r\nReceived: from a by b; Mon, 2 Mar 2026 10:00:00 +0100\r\nMessage-ID: <1@example.org>\r\nFrom: =?utf-8?q?J=C3=A4ne?= Doe <jane@example.org>\r\nTo: support@example.com\r\nSubject: The printer\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + strings.Repeat("It does not print any more, however often I ask.\r\n", 40))
}

func ordinaryHTML() []byte {
	return []byte("Message-ID: <2@example.org>\r\nFrom: Jane <jane@example.org>\r\nTo: support@example.com\r\nSubject: The printer\r\nContent-Type: multipart/alternative; boundary=\"b1\"\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.Repeat("It does not print =C3=A4ny more, however often I ask.=\r\n", 40) + "\r\n--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>" + strings.Repeat("<p>It does not print any more, however often I ask.</p>\r\n", 40) + "</body></html>\r\n--b1--\r\n")
}

func withFile(size int) []byte {
	data := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	var b bytes.Buffer
	b.WriteString("Message-ID: <3@example.org>\r\nFrom: Jane <jane@example.org>\r\nSubject: The log\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b1\r\nContent-Type: application/octet-stream; name=log.bin\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	for len(data) > 0 {
		n := min(57, len(data))
		fmt.Fprintf(&b, "%s\r\n", base64.StdEncoding.EncodeToString(data[:n]))
		data = data[n:]
	}
	b.WriteString("--b1--\r\n")
	return b.Bytes()
}

// TestALargeFileIsCopiedTwiceAtMost counts what Parse allocates for 25 MB: the
// decoded file, the buffers it grew in, and little else.
func TestALargeFileIsCopiedTwiceAtMost(t *testing.T) {
	raw := withFile(25 << 20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := Parse(raw)
	runtime.ReadMemStats(&after)
	if len(m.Attachments) != 1 || len(m.Attachments[0].Data) != 25<<20 {
		t.Fatalf("%d files", len(m.Attachments))
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > detectorCosts*3*25<<20 {
		t.Errorf("%d MB allocated for a file of 25 MB", used>>20)
	}
}
