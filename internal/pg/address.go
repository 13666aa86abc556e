package pg

import (
	"net/url"
	"regexp"
)

// Address is the address of another database on the same server. address is a URL or a list of words name=value, of which the last counts.
func Address(address, database string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return address + " dbname=" + database
	}
	u.Path = "/" + database
	return u.String()
}

// word is one name=value of an address in words; a value with blanks stands in quotes, in which a backslash goes before a quote (libpq, Connection
// Strings).
var (
	word    = regexp.MustCompile(`(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))`)
	escaped = regexp.MustCompile(`\\(.)`)
)

// Settings are the parameters of an address, which is a URL or a list of words name=value, of which the last counts.
func Settings(address string) map[string]string {
	list := map[string]string{}
	if u, err := url.Parse(address); err == nil && u.Scheme != "" {
		for name, values := range u.Query() {
			list[name] = values[0]
		}
		return list
	}
	for _, m := range word.FindAllStringSubmatch(address, -1) {
		list[m[1]] = escaped.ReplaceAllString(m[2]+m[3], "$1")
	}
	return list
}
