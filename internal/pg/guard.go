package pg

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Guard tells how the way to a database is guarded (ASVS 12.3.2). Beyond this machine it is encrypted and its server verified, or the operator has
// said otherwise; a mode that nobody chose, which would do without both, is an error.
func Guard(address string) (string, error) {
	cfg, err := pgconn.ParseConfig(address)
	if err != nil {
		return "", fmt.Errorf("read the database address: %w", err)
	}
	open := ""
	note := func(host string, c *tls.Config) {
		if !local(host) && (c == nil || c.InsecureSkipVerify && c.VerifyPeerCertificate == nil) {
			open = host
		}
	}
	note(cfg.Host, cfg.TLSConfig)
	for _, f := range cfg.Fallbacks {
		note(f.Host, f.TLSConfig)
	}
	switch {
	case open == "" && local(cfg.Host):
		return "does not leave this machine", nil
	case open == "":
		return "encrypted, the server verified", nil
	}
	if mode := cmp.Or(Settings(address)["sslmode"], os.Getenv("PGSSLMODE")); mode != "" {
		return "not encrypted and verified, as said by sslmode=" + mode, nil
	}
	return "", fmt.Errorf("the way to %s may be read and changed by others: add sslmode=verify-full to FRONTDESK_DATABASE_URL (and sslrootcert=FILE for an authority of your own), or say sslmode=disable on a network that is yours", open)
}

// local says that no network is in between: a socket, or this machine's own addresses.
func local(host string) bool {
	ip := net.ParseIP(host)
	return strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" || ip != nil && ip.IsLoopback()
}
