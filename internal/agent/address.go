package agent

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxEmail is the longest address in bytes (RFC 5321, 4.5.3.1.3, less the angle brackets).
const maxEmail = 254

// normalEmail is the one spelling under which an account is kept: lower case, the domain in punycode. ok is false when it is no address a
// person could be written to.
func normalEmail(s string) (email string, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) > maxEmail || !utf8.ValidString(s) || strings.ContainsFunc(s, notInAddress) {
		return "", false
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || strings.Contains(s[:at], "@") {
		return "", false
	}
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil || domain == "" || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", false
	}
	return strings.ToLower(s[:at]) + "@" + strings.ToLower(domain), true
}

func notInAddress(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`<>(),;:"\[]`, r)
}

// network is what counts as one visitor: an IPv4 address, or the /64 that one IPv6 customer is given.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	p, _ := ip.Prefix(64) // 64 fits every IPv6 address
	return p.String()
}
