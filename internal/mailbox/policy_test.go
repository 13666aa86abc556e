package mailbox

import (
	"errors"
	"net/netip"
	"testing"
)

func TestAddressesByPolicy(t *testing.T) {
	t.Parallel()
	const open, priv, shut = "public", "private", "never"
	for _, c := range []struct{ addr, want string }{
		{"93.184.216.34", open}, {"8.8.8.8", open}, {"172.32.0.1", open}, {"100.128.0.1", open}, {"2606:2800:220:1::1", open}, {"64:ff9b::808:808", open},
		{"::ffff:8.8.8.8", open}, {"2002:808:808::1", open},
		{"127.0.0.1", priv}, {"127.255.255.254", priv}, {"10.0.0.1", priv}, {"172.16.0.1", priv}, {"172.31.255.255", priv}, {"192.168.1.1", priv},
		{"100.64.0.1", priv}, {"198.18.0.1", priv}, {"192.0.0.1", priv}, {"192.0.2.1", priv}, {"203.0.113.9", priv}, {"::1", priv}, {"fc00::1", priv}, {"fd12:3456::1", priv}, {"fec0::1", priv},
		{"::ffff:127.0.0.1", priv}, {"::ffff:10.1.2.3", priv}, {"::ffff:c0a8:101", priv}, {"::127.0.0.1", priv}, {"64:ff9b::7f00:1", priv}, {"64:ff9b::a00:1", priv},
		{"64:ff9b:1::808:808", priv}, {"2002:7f00:1::", priv}, {"2002:c0a8:1::1", priv}, {"2606::5efe:10.0.0.1", priv}, {"2606::200:5efe:192.168.0.1", priv}, {"2001:db8::1", priv},
		{"169.254.169.254", shut}, {"169.254.0.1", shut}, {"169.254.170.2", shut}, {"100.100.100.200", shut}, {"192.0.0.192", shut}, {"168.63.129.16", shut}, {"fd00:ec2::254", shut},
		{"fe80::1", shut}, {"fe80::1%eth0", shut}, {"febf::1", shut}, {"::ffff:169.254.169.254", shut}, {"::ffff:a9fe:a9fe", shut}, {"::169.254.169.254", shut}, {"64:ff9b::a9fe:a9fe", shut},
		{"64:ff9b:1::a9fe:a9fe", shut}, {"2002:a9fe:a9fe::1", shut}, {"fe80::5efe:169.254.169.254", shut}, {"2606::5efe:169.254.169.254", shut}, {"2001:0:1::1", shut},
		{"0.0.0.0", shut}, {"0.1.2.3", shut}, {"::", shut}, {"224.0.0.1", shut}, {"239.255.255.255", shut}, {"255.255.255.255", shut}, {"240.0.0.1", shut}, {"ff02::1", shut}, {"100::1", shut},
	} {
		a := netip.MustParseAddr(c.addr)
		public := Policy{}.Check("mail.example.com", a) == nil
		allowed := Policy{AllowPrivate: true}.Check("mail.example.com", a) == nil
		got := shut
		if allowed {
			got = priv
		}
		if public {
			got = open
		}
		if got != c.want {
			t.Errorf("%s is %s, want %s", c.addr, got, c.want)
		}
	}
}

func TestPrivateHostsNameHostsAddressesAndNetworks(t *testing.T) {
	t.Parallel()
	p := Policy{PrivateHosts: []string{"mail.lan.", "10.1.0.0/16", "192.168.1.5", "169.254.169.254"}}
	for _, c := range []struct {
		host, addr string
		ok         bool
	}{
		{"MAIL.lan", "10.9.9.9", true}, {"other.lan", "10.9.9.9", false}, {"x", "10.1.2.3", true}, {"x", "::ffff:10.1.2.3", true}, {"x", "192.168.1.5", true},
		{"x", "192.168.1.6", false}, {"mail.lan", "169.254.169.254", false}, {"169.254.169.254", "169.254.169.254", false},
	} {
		if err := p.Check(c.host, netip.MustParseAddr(c.addr)); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s at %s: %v, want allowed %v", c.host, c.addr, err, c.ok)
		}
	}
}
