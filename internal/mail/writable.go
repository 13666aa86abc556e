package mail

import (
	"regexp"
	"strings"
)

// ReadAddress reads the one mailbox a person typed, with or without a name. ok
// is false when there is none, or when programs may read another in it, as of
// two addresses with a blank between, of john doe@x.org, and of a group.
func ReadAddress(typed string) (a Address, ok bool) {
	p := (&decoder{}).parseAddresses([]byte(typed))
	if len(p.list) != 1 || p.odd || p.free || oddlySpelled(p.list[0]) || !strings.Contains(p.list[0].Address, "@") {
		return Address{}, false
	}
	return p.list[0], true
}

// Writable is an address as envelope and header want it: a local part whose
// dots make no row of atoms stands in quotes, such as "foo..bar"@docomo.ne.jp
// (RFC 5321 4.1.2). ok is false when no letter can go there: without a domain,
// or with letters before the @ that are not ASCII, which every server on the
// way would have to know (RFC 6531).
func Writable(address string) (spec string, ok bool) {
	parts := writableAddress.FindStringSubmatch(address)
	if parts == nil || len(address) > 320 {
		return "", false
	}
	if dots := parts[1]; dots != "" {
		return `"` + dots + `"` + address[len(dots):], true
	}
	return address, true
}

// writableAddress finds atoms, a quoted string, or a local part that is neither
// for its dots alone; then names or a literal.
var writableAddress = regexp.MustCompile(strings.NewReplacer("ATOM", `[\w!#$%&'*+/=?^\x60{|}~-]+`, "NAME", `[\w-]+`).Replace(
	`^(?:ATOM(?:\.ATOM)*|"(?:[ !#-[\]-~]|\\[ -~])+"|((?:\.|ATOM)+))@(?:NAME(?:\.NAME)*|\[[!-Z^-~]+\])$`))
