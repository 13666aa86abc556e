package mail

import (
	"strings"
	"testing"
)

func TestMessageIDOfOursIsRecognised(t *testing.T) {
	t.Parallel()
	oldKey, newKey := []byte("old key of 32 bytes, retired now"), []byte("new key of 32 bytes, in use today")
	id := NewMessageID(oldKey, "Support.Example.")
	if !strings.HasPrefix(id, "o.") || !strings.HasSuffix(id, "@support.example") || strings.ContainsAny(id, "<> ") {
		t.Fatalf("id has another form: %q", id)
	}
	if id == NewMessageID(oldKey, "support.example") {
		t.Error("two ids are equal")
	}
	keys := [][]byte{newKey, oldKey}
	for _, form := range []string{id, "<" + id + ">", " <" + id + ">\r\n", strings.ToUpper(id), "<" + strings.ToTitle(id) + ">"} {
		if !OurMessageID(keys, form) {
			t.Errorf("%q is ours, and was not recognised", form)
		}
	}
	if OurMessageID([][]byte{newKey}, id) {
		t.Error("accepted after its key was dropped")
	}
}

func TestForeignAndForgedMessageIDsAreRefused(t *testing.T) {
	t.Parallel()
	key := []byte("a key")
	id := NewMessageID(key, "desk.test")
	left, _, _ := strings.Cut(id, "@")
	last := id[strings.Index(id, "@")-1]
	other := "a"
	if last == 'a' {
		other = "q"
	}
	_, seal, _ := strings.Cut(left[2:], ".")
	forged := map[string]string{
		"truncated HMAC":     left[:len(left)-1] + "@desk.test",
		"half an HMAC":       left[:len(left)-6] + "@desk.test",
		"no HMAC":            left[:len(left)-len(seal)-1] + "@desk.test",
		"empty HMAC":         left[:len(left)-len(seal)] + "@desk.test",
		"one letter changed": left[:len(left)-1] + other + "@desk.test",
		"longer HMAC":        left + "aa@desk.test",
		"other domain":       left + "@evil.test",
		"no domain":          left + "@",
		"no at":              left,
		"two ats":            left + "@desk.test@evil.test",
		"other random part":  "o." + strings.Repeat("a", 26) + "." + seal + "@desk.test",
		"old format, number": "ticket-100001-7@desk.test",
		"old format, reply":  "reply_100001_" + seal + "@desk.test",
		"without prefix":     left[2:] + "@desk.test",
		"other prefix":       "p" + left[1:] + "@desk.test",
		"inner brackets":     "<<" + id + ">>",
		"space inside":       strings.Replace(id, ".", ". ", 1),
		"empty":              "",
		"only brackets":      "<>",
		"very long":          "o." + strings.Repeat("a", 1<<20) + "." + seal + "@desk.test",
	}
	for what, bad := range forged {
		if OurMessageID([][]byte{key}, bad) {
			t.Errorf("%s: %.80q was accepted", what, bad)
		}
	}
	if OurMessageID([][]byte{[]byte("another key")}, id) {
		t.Error("another key accepted it")
	}
	if OurMessageID(nil, id) || OurMessageID([][]byte{nil, {}}, id) {
		t.Error("no key accepted it")
	}
}

// The base32 of 8 bytes has three spare bits at its end: a second spelling
// of the same bytes must not pass.
func TestOnlyOneSpellingOfAnHMACPasses(t *testing.T) {
	t.Parallel()
	key := []byte("a key")
	id := NewMessageID(key, "desk.test")
	at := strings.Index(id, "@")
	for c := 'a'; c <= 'z'; c++ {
		variant := id[:at-1] + string(c) + id[at:]
		if variant != id && OurMessageID([][]byte{key}, variant) {
			t.Errorf("%q passes beside %q", variant, id)
		}
	}
}

func TestMessageIDNeverCarriesAHostileDomain(t *testing.T) {
	t.Parallel()
	for _, domain := range []string{"", "a b", "a\r\nBcc: x", "münchen.example", "a>b", strings.Repeat("x", 300)} {
		id := NewMessageID([]byte("k"), domain)
		if !strings.HasSuffix(id, "@"+fallbackIDEnd) {
			t.Errorf("domain %q gave %q", domain, id)
		}
		if !OurMessageID([][]byte{[]byte("k")}, id) {
			t.Errorf("%q is not recognised", id)
		}
	}
}
