package mail

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
)

// fingerprintHeader is how far trace fields are looked for.
const fingerprintHeader = 1 << 20

// Fingerprint says whether two copies are one mail (RELIABILITY 2.9): the
// SHA-256 of the bytes without what servers add on the way, when there is a
// Message-ID, else of all bytes. It streams: memory does not grow with r.
func Fingerprint(r io.Reader) (sum [sha256.Size]byte, err error) {
	head, err := io.ReadAll(io.LimitReader(r, fingerprintHeader))
	if err != nil {
		return sum, fmt.Errorf("read mail for its fingerprint: %w", err)
	}
	hash := sha256.New()
	hashHead(hash, head)
	if _, err := io.Copy(hash, r); err != nil {
		return sum, fmt.Errorf("read mail for its fingerprint: %w", err)
	}
	hash.Sum(sum[:0])
	return sum, nil
}

func hashHead(hash io.Writer, head []byte) {
	if References(head).MessageID == "" {
		hash.Write(head)
		return
	}
	writeWithoutTrace(hash, head)
}

func writeWithoutTrace(w io.Writer, raw []byte) {
	_, body, _ := readHeader(raw, headerLimit{bytes: fingerprintHeader, fields: 1, share: fingerprintHeader})
	skipping := false
	for at := 0; at < body; {
		end, next := lineEnd(raw, at)
		if line := raw[at:end]; len(line) > 0 && line[0] != ' ' && line[0] != '\t' {
			colon := fieldColon(line)
			skipping = colon > 0 && isTrace(lowerName(line[:colon]))
		} else if len(line) == 0 {
			skipping = false
		}
		if !skipping {
			w.Write(raw[at:next])
		}
		at = next
	}
	w.Write(raw[body:])
}

func isTrace(name string) bool {
	switch name {
	case "received", "return-path", "delivered-to", "authentication-results":
		return true
	}
	return strings.HasPrefix(name, "x-") || strings.HasPrefix(name, "arc-")
}

// DerivedMessageID names a mail that came without a Message-ID; the same
// bytes always get the same one. Without angle brackets.
func DerivedMessageID(raw []byte) string {
	sum := sha256.Sum256(raw)
	name := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20])
	return "derived." + strings.ToLower(name) + "@frontdesk.invalid"
}
