package mail

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// The form of a Message-ID of ours (DECISIONS, Outgoing): o.<16 random
// bytes>.<8 bytes HMAC>@<domain of the mailbox>, both in base32. In Go
// values and in the database an id stands WITHOUT angle brackets; only a
// rendered header has them.
const (
	ourIDPrefix   = "o."
	ourIDRandom   = 16
	ourIDSeal     = 8
	fallbackIDEnd = "frontdesk.invalid"
)

var ourIDCode = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewMessageID makes the id of an outgoing message, without angle brackets.
// The HMAC over the random part and the domain lets OurMessageID tell a
// reply to us from a guess (RELIABILITY 4, rule 1). key is the key for
// Message-IDs, not the one of sessions.
func NewMessageID(key []byte, domain string) string {
	random := make([]byte, ourIDRandom)
	rand.Read(random) // never fails: crypto/rand ends the program instead
	local := ourIDCode.EncodeToString(random)
	domain = idDomain(domain)
	return ourIDPrefix + local + "." + sealID(key, local, domain) + "@" + domain
}

// OurMessageID says whether id, with or without angle brackets, was made by
// NewMessageID with one of the keys: the current one first, then the retired.
// Letter case of the whole id is ignored, for some servers change it. The
// time taken does not depend on how much of the HMAC is right.
func OurMessageID(keys [][]byte, id string) bool {
	local, seal, domain, ok := splitOurID(id)
	if !ok {
		return false
	}
	found := false
	for _, key := range keys {
		if len(key) > 0 && hmac.Equal([]byte(seal), []byte(sealID(key, local, domain))) {
			found = true
		}
	}
	return found
}

// splitOurID takes an id apart if it has the exact form of ours.
func splitOurID(id string) (local, seal, domain string, ok bool) {
	id = strings.ToLower(strings.TrimSpace(id))
	id = strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	if len(id) > 400 {
		return "", "", "", false
	}
	left, domain, ok := strings.Cut(id, "@")
	if !ok || domain == "" || domain != idDomain(domain) || !strings.HasPrefix(left, ourIDPrefix) {
		return "", "", "", false
	}
	local, seal, ok = strings.Cut(left[len(ourIDPrefix):], ".")
	ok = ok && isIDCode(local, ourIDRandom) && isIDCode(seal, ourIDSeal)
	return local, seal, domain, ok
}

// isIDCode says whether s is the base32 of exactly n bytes; the one spelling
// of them, so that two ids never mean the same.
func isIDCode(s string, n int) bool {
	b, err := ourIDCode.DecodeString(s)
	return err == nil && len(b) == n && ourIDCode.EncodeToString(b) == s
}

func sealID(key []byte, local, domain string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("frontdesk message-id\x00" + local + "\x00" + domain))
	return ourIDCode.EncodeToString(mac.Sum(nil)[:ourIDSeal])
}

// idDomain keeps what may stand on the right of an id; a mailbox domain that
// is not plain ASCII by now gives the fallback, never a broken header.
func idDomain(domain string) string {
	domain = strings.Trim(strings.ToLower(domain), ". ")
	if domain == "" || len(domain) > 253 {
		return fallbackIDEnd
	}
	for _, c := range []byte(domain) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return fallbackIDEnd
		}
	}
	return domain
}

// canonicalID strips the brackets; "" for what would break a header or its
// folding. Brackets and commas stand in ids of other programs, though RFC 5322
// wants them quoted: an answer names the mail by the id it has.
func canonicalID(id string) string {
	id = strings.TrimSpace(id)
	id = strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	if id == "" || len(id) > 900 {
		return ""
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
			return ""
		}
	}
	return id
}
