package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const goodSecret = "FRONTDESK_SECRET_KEY=0123456789abcdef0123456789abcdef"

func TestWrongValueIsOneSentenceNamingTheVariable(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{
		"FRONTDESK_LISTEN=8080",
		"FRONTDESK_LISTEN=localhost:http",
		"FRONTDESK_LISTEN=localhost:70000",
		"FRONTDESK_BASE_URL=desk.example.com",
		"FRONTDESK_BASE_URL=ftp://desk.example.com",
		"FRONTDESK_BASE_URL=https://desk.example.com/helpdesk",
		"FRONTDESK_BASE_URL=http://desk.example.com",
		"FRONTDESK_DATABASE_URL=mysql://x",
		"FRONTDESK_DATA_DIR=/dev/null",
		"FRONTDESK_SECRET_KEY=short",
		"FRONTDESK_LOG=loud",
		"FRONTDESK_INSECURE_HTTP=perhaps",
		"FRONTDESK_TRUSTED_PROXIES=proxy",
		"FRONTDESK_TRUSTED_PROXIES=10.0.0.0/33",
		"FRONTDESK_PRIVATE_HOSTS=http://x",
		"FRONTDESK_PG_BIN=/no/such/place",
		"FRONTDESK_CLAMD=localhost:3310",
		"FRONTDESK_CLAMD=tcp://localhost",
		"FRONTDESK_CLAMD=tcp://localhost:clamd",
		"FRONTDESK_CLAMD=tcp://:3310",
		"FRONTDESK_CLAMD=unix:clamd.ctl",
		"FRONTDESK_CLAMD=http://localhost:3310",
	} {
		_, err := Read([]string{wrong})
		name, _, _ := strings.Cut(wrong, "=")
		if err == nil || !strings.HasPrefix(err.Error(), name+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

func TestEmptyEnvironmentServesThisMachine(t *testing.T) {
	t.Parallel()
	c, err := Read(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.BaseURL.String() != "http://127.0.0.1:8080" || !filepath.IsAbs(c.DataDir) || c.DatabaseURL != "" {
		t.Errorf("%+v", c)
	}
}

func TestTheScannerIsReachedByAddressOrSocket(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]Endpoint{
		"":                             {},
		"tcp://localhost:3310":         {"tcp", "localhost:3310"},
		"tcp://[::1]:3310":             {"tcp", "[::1]:3310"},
		"unix:/run/clamav/clamd.ctl":   {"unix", "/run/clamav/clamd.ctl"},
		"unix:///run/clamav/clamd.ctl": {"unix", "/run/clamav/clamd.ctl"},
	} {
		c, err := Read([]string{"FRONTDESK_CLAMD=" + given})
		if err != nil || c.Clamd != want || c.Clamd.Given() != (given != "") {
			t.Errorf("%q: %+v, %v", given, c.Clamd, err)
		}
	}
}

func TestHTTPBeyondThisMachineMustBeAskedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env []string
		ok  bool
	}{
		{[]string{"FRONTDESK_LISTEN=:8080"}, false},
		{[]string{"FRONTDESK_LISTEN=:8080", "FRONTDESK_BASE_URL=http://localhost:8080"}, false},
		{[]string{"FRONTDESK_LISTEN=:8080", "FRONTDESK_INSECURE_HTTP=1"}, true},
		{[]string{"FRONTDESK_LISTEN=:8080", "FRONTDESK_BASE_URL=https://desk.example.com"}, true},
		{[]string{"FRONTDESK_LISTEN=[::1]:8080"}, true},
		{[]string{"FRONTDESK_LISTEN=localhost:0", "FRONTDESK_BASE_URL=http://desk.localhost"}, true},
	} {
		if _, err := Read(c.env); (err == nil) != c.ok {
			t.Errorf("%v: %v", c.env, err)
		}
	}
}

func TestOwnDatabaseNeedsAKeyAndHidesItsPassword(t *testing.T) {
	t.Parallel()
	db := "FRONTDESK_DATABASE_URL=postgres://desk:hidden@db/desk"
	if _, err := Read([]string{db}); err == nil || !strings.HasPrefix(err.Error(), "FRONTDESK_SECRET_KEY: ") {
		t.Errorf("without a key: %v", err)
	}
	if _, err := Read([]string{db, goodSecret}); err != nil {
		t.Errorf("with a key: %v", err)
	}
	if _, err := Read([]string{db + "?sslmode=wrong"}); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("the error shows the password: %v", err)
	}
}

func TestKeyFileIsMadeOnceAndPrivate(t *testing.T) {
	t.Parallel()
	c, err := Read([]string{"FRONTDESK_DATA_DIR=" + filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan Keys, 8)
	for range cap(results) {
		go func() {
			k, err := c.Keys()
			if err != nil {
				t.Error(err)
			}
			results <- k
		}()
	}
	first := <-results
	for range cap(results) - 1 {
		if k := <-results; k != first {
			t.Error("two processes made two keys")
		}
	}
	st, err := os.Stat(filepath.Join(c.DataDir, "secret.key"))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", st, err)
	}
	if left, _ := filepath.Glob(filepath.Join(c.DataDir, "secret.key.*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKeysDifferByPurposeAndStayTheSame(t *testing.T) {
	t.Parallel()
	k := Keys{"0123456789abcdef0123456789abcdef"}
	if len(k.Seal()) != 32 || bytes.Equal(k.Seal(), k.Session()) || bytes.Equal(k.Session(), k.MessageID()) {
		t.Error("keys of two purposes are equal or short")
	}
	// Changing a derivation would lose every sealed password.
	if got := k.Check(); got != "dcaa59eff998b1f4461008aee576b012" {
		t.Errorf("check = %s", got)
	}
}

func TestPrivateHostsAreNormalised(t *testing.T) {
	t.Parallel()
	c, err := Read([]string{"FRONTDESK_PRIVATE_HOSTS=Mail.Intern., 10.1.2.3/16 192.168.7.9"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(c.PrivateHosts, " "), "mail.intern 10.1.0.0/16 192.168.7.9/32"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
