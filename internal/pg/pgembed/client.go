package pgembed

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/pg"
)

// Client is one installation of the programs that copy databases, pg_dump and pg_restore.
type Client struct{ bin binaries }

// FindClient finds the programs for a server of that major version, where the server's own are looked for (FRONTDESK_PG_BIN, the machine, the
// caches): those of the same version, else the oldest newer ones. Older ones would refuse. Its errors are sentences for the operator.
func FindClient(o Options, major int) (Client, error) {
	list := find(o, "pg_dump", "pg_restore")
	if len(list) == 0 {
		where := "on this machine"
		if o.BinDir != "" {
			where = "in FRONTDESK_PG_BIN (" + o.BinDir + ")"
		}
		return Client{}, fmt.Errorf("there are no pg_dump and pg_restore %s; install PostgreSQL's client programs (apt install postgresql-client)", where)
	}
	slices.SortStableFunc(list, func(a, b binaries) int { return cmp.Compare(a.number(), b.number()) })
	at := slices.IndexFunc(list, func(b binaries) bool { return b.number() >= major })
	if at < 0 {
		return Client{}, fmt.Errorf("the server is PostgreSQL %d, newer than the newest pg_dump here (%s, in %s); install the client programs of its version "+
			"(apt install postgresql-client-%[1]d), or name their directory in FRONTDESK_PG_BIN", major, list[len(list)-1].major, list[len(list)-1].dir)
	}
	return Client{list[at]}, nil
}

func (b binaries) number() int {
	n, _ := strconv.Atoi(b.major)
	return n
}

// Command is one of the programs, set up to reach the database at address. Nothing of the address stands on its command line, where all users of
// the machine could read it.
func (c Client) Command(ctx context.Context, address, name string, args ...string) (*exec.Cmd, error) {
	env, err := reach(address)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin.dir, name), args...) //nolint:gosec // pg_dump or pg_restore, found by us
	cmd.Env = append(append(c.bin.env(), passed()...), env...)
	return cmd, nil
}

// passed are the variables by which libpq and we find certificates and passwords of the user.
func passed() []string {
	var env []string
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "PG") || strings.HasPrefix(v, "HOME=") {
			env = append(env, v)
		}
	}
	return env
}

// tlsSettings are the parameters of an address that libpq must go by as we do, and the variables it reads them from.
var tlsSettings = map[string]string{"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}

// reach says in libpq's variables where a database is.
func reach(address string) ([]string, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	env := []string{"PGHOST=" + cfg.Host, "PGPORT=" + strconv.Itoa(int(cfg.Port)), "PGUSER=" + cfg.User, "PGDATABASE=" + cfg.Database}
	if cfg.Password != "" {
		env = append(env, "PGPASSWORD="+cfg.Password)
	}
	for name, value := range pg.Settings(address) {
		if variable, ok := tlsSettings[name]; ok {
			env = append(env, variable+"="+value)
		}
	}
	return env, nil
}
