package mailbox

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
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

// TestNoSpellingOfAPrivateHostIsDialled asks the dialer itself for hosts spelled in every way that some resolver takes for an address within (RELIABILITY
// C9): each ends without a connection, and none of the answers names an address.
func TestNoSpellingOfAPrivateHostIsDialled(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	reached := make(chan string, 100)
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			reached <- c.RemoteAddr().String()
			c.Close()
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	hosts := []string{
		"127.0.0.1", "127.1", "127.0.1", "127.00.00.01", "0127.0.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "0x7f.1", "017700000001", "2130706433", "127.0.0.1.", "127.255.255.254", "127.127",
		"0", "0.0.0.0", "00000000", "0x0", "localhost", "LOCALHOST", "LocalHost.", "localhost.localdomain", "ip6-localhost", "ip6-loopback", "::1", "[::1]", "0:0:0:0:0:0:0:1", "0000::0001", "::", "[::]",
		"::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "0:0:0:0:0:ffff:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:0:127.0.0.1", "fe80::1", "fe80::1%lo", "fe80::1%25lo", "::1%lo",
		"10.0.0.1", "10.1", "172.16.0.1", "192.168.0.1", "192.168.257", "169.254.169.254", "169.254.43518", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "::ffff:169.254.169.254", "metadata", "metadata.google.internal",
		"100.64.0.1", "100.100.100.200", "168.63.129.16", "198.18.0.1", "192.0.0.192", "224.0.0.1", "255.255.255.255", "fd00:ec2::254", "fc00::1", "127.0.0.1\x00.example.com", "127.0.0.1 ", " 127.0.0.1", "127.0.0.1\t", "127.0.0.1%00",
		"127.0.0.1#example.com", "127.0.0.1/", "example.com@127.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "１２７.0.0.1", "127.0.0.1:25", "//127.0.0.1", "http://127.0.0.1",
	}
	if len(hosts) < 60 {
		t.Fatalf("%d hosts", len(hosts))
	}
	var wg sync.WaitGroup
	for _, host := range hosts {
		wg.Go(func() {
			s := Server{Host: host, Port: port, TLS: StartTLS, User: "u"}
			for _, p := range []Policy{{}, {PrivateHosts: []string{"mail.lan", "10.99.0.0/16"}}} {
				w, err := Account{Policy: p, Limits: Limits{Dial: 10 * time.Second}}.tcp(t.Context(), s)
				if err == nil {
					w.Close()
					t.Errorf("%q was connected to", host)
					continue
				}
				if said := strings.ReplaceAll(err.Error(), s.Address(), ""); !strings.Contains(host, "127.0.0.1") && strings.Contains(said, "127.0.0.1") || strings.Contains(said, "::1") && !strings.Contains(host, ":") {
					t.Errorf("%q is told as %v", host, err)
				}
			}
		})
	}
	wg.Wait()
	select {
	case from := <-reached:
		t.Errorf("something was reached from %s", from)
	default:
	}
	// The positive control: the listener is there.
	if w, err := (Account{Policy: Policy{AllowPrivate: true}}).tcp(t.Context(), Server{Host: "127.0.0.1", Port: port, TLS: StartTLS, User: "u"}); err != nil {
		t.Error(err)
	} else {
		w.Close()
	}
}
