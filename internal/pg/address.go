package pg

import "net/url"

// Address is the address of another database on the same server. address is a URL or a list of words name=value, of which the last counts.
func Address(address, database string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return address + " dbname=" + database
	}
	u.Path = "/" + database
	return u.String()
}
