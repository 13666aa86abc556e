package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// PrivateHosts are the private mail servers that an administrator may name in a web form (DECISIONS, Where the server may connect).
type PrivateHosts struct {
	names    []string
	prefixes []netip.Prefix
}

// Allow tells whether the form may name host, which resolved to addr, though addr is private.
func (p PrivateHosts) Allow(host string, addr netip.Addr) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return slices.Contains(p.names, host) || slices.ContainsFunc(p.prefixes, func(n netip.Prefix) bool { return n.Contains(addr.Unmap()) })
}

// read takes host names, addresses and networks, separated by commas or spaces.
func (p *PrivateHosts) read(s string) error {
	for _, word := range split(s) {
		n, err := prefixes([]string{word})
		switch {
		case err == nil:
			p.prefixes = append(p.prefixes, n...)
		case strings.ContainsAny(word, "/:*"):
			return fmt.Errorf("%q is neither a host, an address nor a network", word)
		default:
			p.names = append(p.names, strings.ToLower(strings.TrimSuffix(word, ".")))
		}
	}
	return nil
}

// prefixes reads networks; a single address is a network of one.
func prefixes(words []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, word := range words {
		if ip, err := netip.ParseAddr(word); err == nil {
			out = append(out, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		n, err := netip.ParsePrefix(word)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network like 10.0.0.0/8", word)
		}
		out = append(out, n.Masked())
	}
	return out, nil
}

func split(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}
