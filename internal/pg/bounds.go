package pg

import (
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// How long anybody waits for the database, unless its address says otherwise (?statement_timeout=…&lock_timeout=…&connect_timeout=…).
const (
	statementTime = 30 * time.Second
	lockTime      = 10 * time.Second
	connectTime   = 10 * time.Second
	idleTime      = 20 * time.Second // within a transaction: then whoever began it is cut off, and what it locked is waited for
)

// bound ends every wait for the database. The server ends statements and waits for locks itself; where it says nothing at all, the connection
// is given up a little later. In turn the server is asked to look for us: of a machine that vanished it would keep the connections for hours.
func bound(cfg *pgxpool.Config) {
	c := cfg.ConnConfig
	for name, value := range map[string]string{
		"statement_timeout": milliseconds(statementTime), "lock_timeout": milliseconds(lockTime), "idle_in_transaction_session_timeout": milliseconds(idleTime),
		"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3",
	} {
		if _, given := c.RuntimeParams[name]; !given {
			c.RuntimeParams[name] = value
		}
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTime
	}
	if limit, err := strconv.Atoi(c.RuntimeParams["statement_timeout"]); err == nil && limit > 0 {
		c.DialFunc = impatient(c.DialFunc, time.Duration(limit)*time.Millisecond+2*Breath)
	}
	cfg.PingTimeout = Breath
}

// unbounded is for statements that take as long as they need: migrations, and what Patient is for.
func unbounded(cfg *pgxpool.Config) *pgxpool.Config {
	cfg = cfg.Copy()
	cfg.ConnConfig.RuntimeParams["statement_timeout"] = "0"
	cfg.ConnConfig.RuntimeParams["lock_timeout"] = "0"
	return cfg
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
