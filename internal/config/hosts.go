package config

import (
	"fmt"
	"net/netip"
	"strings"
)

// readPrivateHosts takes host names, addresses and networks, separated by commas or spaces (DECISIONS, Where the server may connect).
func (c *Config) readPrivateHosts(s string) error {
	for _, word := range split(s) {
		n, err := prefixes([]string{word})
		switch {
		case err == nil:
			c.PrivateHosts = append(c.PrivateHosts, n[0].String())
		case strings.ContainsAny(word, "/:*@"):
			return fmt.Errorf("%q is neither a host, an address nor a network", word)
		default:
			c.PrivateHosts = append(c.PrivateHosts, strings.ToLower(strings.TrimSuffix(word, ".")))
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
