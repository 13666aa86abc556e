package mailbox

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
)

// ErrNotAllowed says that a host resolved to an address this server does not connect to. The address itself is not told: the answer must
// not map an inner network for whoever asks (RELIABILITY, C9).
var ErrNotAllowed = errors.New("the host is at an address this server may not connect to")

// Policy says which addresses may be connected to (DECISIONS, Where the server may connect). The zero value allows public ones only.
type Policy struct {
	AllowPrivate bool     // private and loopback addresses: the command line, run by the operator
	PrivateHosts []string // host names, addresses or networks allowed by FRONTDESK_PRIVATE_HOSTS
}

// control is the hook of net.Dialer: it sees the address after every name was resolved, so a name that changes between two look-ups
// gains nothing.
func (p Policy) control(host string) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w", ErrNotAllowed)
		}
		return p.Check(host, ap.Addr())
	}
}

// Check tells whether host, resolved to a, may be connected to. Metadata services and link-local addresses never are.
func (p Policy) Check(host string, a netip.Addr) error {
	for _, v := range spellings(a) {
		switch {
		case within(never, v):
			return ErrNotAllowed
		case within(private, v) && !p.AllowPrivate && !p.listed(host, v):
			return ErrNotAllowed
		}
	}
	return nil
}

// listed tells whether the operator named this host, address or a network around it.
func (p Policy) listed(host string, a netip.Addr) bool {
	for _, h := range p.PrivateHosts {
		if strings.EqualFold(strings.TrimSuffix(h, "."), strings.TrimSuffix(host, ".")) {
			return true
		}
		if n, err := netip.ParsePrefix(h); err == nil && n.Contains(a) {
			return true
		}
		if ip := net.ParseIP(h); ip != nil && ip.Equal(net.IP(a.AsSlice())) {
			return true
		}
	}
	return false
}

// spellings returns the address and every IPv4 address an IPv6 one may stand for on the way: mapped and compatible (RFC 4291), NAT64
// (RFC 6052), 6to4 (RFC 3056), ISATAP (RFC 5214).
func spellings(a netip.Addr) []netip.Addr {
	a = a.Unmap().WithZone("")
	out := []netip.Addr{a}
	if a.Is4() {
		return out
	}
	b := a.As16()
	last := netip.AddrFrom4([4]byte(b[12:16]))
	switch {
	case within(nat64, a), within(compatible, a) && b[12] != 0:
		out = append(out, last)
	case b[0] == 0x20 && b[1] == 0x02:
		out = append(out, netip.AddrFrom4([4]byte(b[2:6])))
	case b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe:
		out = append(out, last)
	}
	return out
}

func within(nets []netip.Prefix, a netip.Addr) bool {
	for _, n := range nets {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

func networks(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

var (
	// never: link-local, metadata of the large clouds, this-network, multicast, reserved, Teredo and discard-only.
	never = networks("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32",
		"0.0.0.0/8", "::/128", "224.0.0.0/4", "ff00::/8", "240.0.0.0/4", "2001::/32", "100::/64")
	// private: RFC 1918, loopback, unique local, shared (RFC 6598), benchmarking, protocol assignments, site-local, documentation.
	private = networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7", "100.64.0.0/10",
		"198.18.0.0/15", "192.0.0.0/24", "fec0::/10", "64:ff9b:1::/48", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
	nat64      = networks("64:ff9b::/96", "64:ff9b:1::/48")
	compatible = networks("::/96")
)
