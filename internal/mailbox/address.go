package mailbox

import (
	"strings"

	"golang.org/x/net/idna"
)

// normalAddress is the one spelling under which an address is kept: lower case, the domain in punycode. What is no address stays as it is
// and is refused by check.
func normalAddress(s string) string {
	s = strings.TrimSpace(s)
	local, domain, ok := cutLast(s, "@")
	if !ok {
		return s
	}
	puny, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return s
	}
	return strings.ToLower(local) + "@" + strings.ToLower(puny)
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
