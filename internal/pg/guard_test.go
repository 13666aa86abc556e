package pg_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"frontdesk/internal/fixture/mailworld"
	"frontdesk/internal/pg"
	"frontdesk/internal/pg/pgembed"
	"frontdesk/internal/pg/pgtest"
)

func TestAnOpenWayToTheDatabaseIsTold(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"postgres://ada@db.example/desk":                                               "",
		"postgres://ada@10.1.2.3/desk?connect_timeout=5":                               "",
		"host=db.example user=ada":                                                     "",
		"postgres://ada@/desk?host=/run/postgresql,db.example":                         "",
		"postgres://ada@db.example/desk?sslmode=verify-full":                           "encrypted, the server verified",
		"postgres://ada@one.example,two.example/desk?sslmode=verify-full":              "encrypted, the server verified",
		"host=db.example user=ada sslmode='verify-full'":                               "encrypted, the server verified",
		"postgres://ada@db.example/desk?sslmode=disable":                               "sslmode=disable",
		"postgres://ada@db.example/desk?application_name=x&sslmode=require":            "sslmode=require",
		"host=db.example user=ada sslmode = 'prefer'":                                  "sslmode=prefer",
		"postgres://ada@/desk?host=/run/postgresql":                                    "this machine",
		"postgres://ada@127.0.0.1:5433/desk":                                           "this machine",
		"postgres://ada@[::1]/desk":                                                    "this machine",
		"postgres://ada@localhost/desk":                                                "this machine",
		"postgres://ada:sslmode=disable@db.example/desk":                               "", // a password says nothing
		"postgres://ada@db.example/desk?application_name=sslmode%3Dverify-full":        "",
		"postgres://ada@localhost,127.0.0.2.example/desk?target_session_attrs=standby": "",
	} {
		got, err := pg.Guard(address)
		if (err != nil) != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, %v; want %q", address, got, err, want)
		}
	}
}

// TestTheServerOfTheDatabaseIsVerified: with sslmode=verify-full a server is spoken to only when it shows a certificate for its name from the
// authority that the address names.
func TestTheServerOfTheDatabaseIsVerified(t *testing.T) {
	t.Parallel()
	// Any address of 127.0.0.0/8 is this machine; these two are hardly somebody else's.
	net := fmt.Sprintf("127.%d.%d.", 1+os.Getpid()%250, 1+os.Getpid()/250%250)
	named, other := net+"9", net+"10"
	ca := mailworld.NewCA()
	cert, key := ca.Issue(named)
	var o *pgembed.Options
	s := pgtest.Server(t, func(p *pgembed.Options) { o = p })
	roots, strangers := ownedAs(t, o.DataDir, "ca.pem", ca.PEM), ownedAs(t, o.DataDir, "strangers.pem", mailworld.NewCA().PEM)
	s.Stop()
	o.Settings = []string{"listen_addresses=" + named + "," + other, "ssl=on",
		"ssl_cert_file=" + ownedAs(t, o.DataDir, "server.pem", cert), "ssl_key_file=" + ownedAs(t, o.DataDir, "server.key", key)}
	s.Start()
	for _, c := range []struct {
		host, mode, roots string
		encrypted         bool
		refused           string
	}{
		{named, "verify-full", roots, true, ""},
		{named, "verify-full", strangers, false, "unknown authority"},
		{named, "verify-ca", strangers, false, "unknown authority"},
		{other, "verify-full", roots, false, "certificate is valid for " + named},
		{other, "verify-ca", roots, true, ""},
		{named, "disable", roots, false, ""},
	} {
		address := "postgres://frontdesk@" + c.host + ":5432/frontdesk?sslmode=" + c.mode + "&sslrootcert=" + c.roots
		db, err := pg.Open(t.Context(), pg.Options{URL: address, MaxConns: 1})
		if err != nil {
			if c.refused == "" || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%s: %v, want it refused by %q", address, err, c.refused)
			}
			continue
		}
		encrypted, err := pg.One[bool](t.Context(), db, `SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`)
		db.Close()
		if err != nil || c.refused != "" || encrypted != c.encrypted {
			t.Errorf("%s: reached, encrypted %t, %v; want %t, refused by %q", address, encrypted, err, c.encrypted, c.refused)
		}
	}
}

// ownedAs writes a file beside a cluster that its server's user may read and nobody else.
func ownedAs(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	clusters, _ := filepath.Glob(filepath.Join(dir, "pg*", "PG_VERSION"))
	if len(clusters) != 1 {
		t.Fatalf("clusters in %s: %v", dir, clusters)
	}
	of, err := os.Stat(clusters[0])
	if err != nil {
		t.Fatal(err)
	}
	owner := of.Sys().(*syscall.Stat_t)
	if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
		t.Fatal(err)
	}
	return path
}
