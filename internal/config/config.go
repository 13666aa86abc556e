// Package config turns the environment into one validated value that is passed down; nothing else reads the environment. A wrong value is
// refused with one sentence that names its variable.
package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/caarlos0/env/v11"
	"github.com/jackc/pgx/v5"
)

// Config is what the operator decided. Its fields are valid together.
type Config struct {
	Listen         string         // FRONTDESK_LISTEN, host:port
	BaseURL        *url.URL       // FRONTDESK_BASE_URL, scheme and host, the address people use
	DatabaseURL    string         // FRONTDESK_DATABASE_URL; empty means the private Postgres in DataDir
	DataDir        string         // FRONTDESK_DATA_DIR, absolute
	Log            Log            // FRONTDESK_LOG
	InsecureHTTP   bool           // FRONTDESK_INSECURE_HTTP: http beyond this machine was asked for; pages say so in red
	TrustedProxies []netip.Prefix // FRONTDESK_TRUSTED_PROXIES: whose X-Forwarded-* counts
	PrivateHosts   []string       // FRONTDESK_PRIVATE_HOSTS: hosts, addresses and networks of private mail servers that web forms may name
	PostgresBin    string         // FRONTDESK_PG_BIN: binaries for the private Postgres
	Clamd          Endpoint       // FRONTDESK_CLAMD: the virus scanner; the zero Endpoint means that files are not checked
	Unknown        []string       // FRONTDESK_ variables that nothing reads: misspelt, or another program's

	secret string // FRONTDESK_SECRET_KEY; see Keys
}

// Endpoint is where a server of the operator's listens, as net.Dial takes it.
type Endpoint struct {
	Network string // tcp, unix; "" for none
	Address string // host:port, or a path
}

// Given tells an endpoint from the absence of one.
func (e Endpoint) Given() bool { return e.Network != "" }

// raw is the environment as it stands there. All text, because a parser's own errors do not name the variable.
type raw struct {
	Listen         string `env:"LISTEN" envDefault:"127.0.0.1:8080"`
	BaseURL        string `env:"BASE_URL"`
	DatabaseURL    string `env:"DATABASE_URL"`
	DataDir        string `env:"DATA_DIR" envDefault:"data"`
	SecretKey      string `env:"SECRET_KEY"`
	Log            string `env:"LOG" envDefault:"info"`
	InsecureHTTP   string `env:"INSECURE_HTTP"`
	TrustedProxies string `env:"TRUSTED_PROXIES"`
	PrivateHosts   string `env:"PRIVATE_HOSTS"`
	PostgresBin    string `env:"PG_BIN"`
	Clamd          string `env:"CLAMD"`
}

const prefix = "FRONTDESK_"

// Read takes an environment as os.Environ gives it. Its error is for the operator.
func Read(environ []string) (Config, error) {
	o := env.Options{Prefix: prefix, Environment: env.ToMap(environ)}
	r, err := env.ParseAsWithOptions[raw](o)
	known, err2 := env.GetFieldParamsWithOptions(&r, o)
	if err = errors.Join(err, err2); err != nil {
		return Config{}, fmt.Errorf("read the environment: %w", err)
	}
	c := Config{Unknown: unknown(o.Environment, known)}
	for _, step := range []struct {
		name string
		read func() error
	}{
		{"LISTEN", func() error { return c.readListen(r.Listen) }},
		{"INSECURE_HTTP", func() error { return readBool(r.InsecureHTTP, &c.InsecureHTTP) }},
		{"BASE_URL", func() error { return c.readBaseURL(r.BaseURL) }},
		{"DATABASE_URL", func() error { return c.readDatabaseURL(r.DatabaseURL) }},
		{"DATA_DIR", func() error { return c.readDataDir(r.DataDir) }},
		{"SECRET_KEY", func() error { return c.readSecret(r.SecretKey) }},
		{"LOG", func() error { return c.Log.read(r.Log) }},
		{"TRUSTED_PROXIES", func() error { return c.readProxies(r.TrustedProxies) }},
		{"PRIVATE_HOSTS", func() error { return c.readPrivateHosts(r.PrivateHosts) }},
		{"PG_BIN", func() error { return c.readPostgresBin(r.PostgresBin) }},
		{"CLAMD", func() error { return c.Clamd.read(r.Clamd) }},
	} {
		if err := step.read(); err != nil {
			return Config{}, fmt.Errorf("%s%s: %w", prefix, step.name, err)
		}
	}
	return c, nil
}

func unknown(environ map[string]string, known []env.FieldParams) []string {
	var names []string
	for name := range environ {
		if strings.HasPrefix(name, prefix) && !slices.ContainsFunc(known, func(p env.FieldParams) bool { return p.Key == name }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (c *Config) readListen(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Errorf("%q is not host:port", s)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q has no port from 0 to 65535", s)
	}
	c.Listen = s
	return nil
}

// readBaseURL takes the listening address when none is given. Plain http is for this machine alone, unless the operator insists.
func (c *Config) readBaseURL(s string) error {
	host, port, _ := net.SplitHostPort(c.Listen)
	if s == "" {
		s = "http://" + net.JoinHostPort(orLocal(host), port)
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%q is not an address like https://desk.example.com", s)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("%q must hold a scheme and a host only", s)
	case u.Scheme == "http" && !c.InsecureHTTP && !(loopback(u.Hostname()) && loopback(host)):
		return fmt.Errorf("%q with FRONTDESK_LISTEN=%s would send passwords in clear; give an https address served by a proxy, "+
			"or set FRONTDESK_INSECURE_HTTP=1 if you accept that", s, c.Listen)
	}
	c.BaseURL = &url.URL{Scheme: u.Scheme, Host: u.Host}
	return nil
}

func orLocal(host string) string {
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		return "localhost"
	}
	return host
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}

func (c *Config) readDatabaseURL(s string) error {
	if s == "" {
		return nil
	}
	if _, err := pgx.ParseConfig(s); err != nil { // the password in it is masked
		return fmt.Errorf("not an address like postgres://user:password@host/database: %w", err)
	}
	c.DatabaseURL = s
	return nil
}

func (c *Config) readDataDir(s string) error {
	dir, err := filepath.Abs(s)
	if err != nil {
		return err
	}
	if st, err := os.Stat(dir); err == nil && !st.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	c.DataDir = dir
	return nil
}

func (c *Config) readSecret(s string) error {
	switch {
	case s == "" && c.DatabaseURL != "":
		return errors.New("must be given with FRONTDESK_DATABASE_URL, the same for every process on that database; `openssl rand -hex 32` makes one")
	case s != "" && len(s) < 32:
		return errShort
	}
	c.secret = s
	return nil
}

func (c *Config) readProxies(s string) (err error) {
	c.TrustedProxies, err = prefixes(split(s))
	return err
}

func (c *Config) readPostgresBin(s string) error {
	if st, err := os.Stat(s); s != "" && (err != nil || !st.IsDir()) {
		return fmt.Errorf("%s is not a directory", s)
	}
	c.PostgresBin = s
	return nil
}

// read takes tcp://host:port or unix:/path; nothing is an endpoint too, the zero one.
func (e *Endpoint) read(s string) error {
	if s == "" {
		return nil
	}
	network, address, _ := strings.Cut(s, ":")
	switch network {
	case "unix":
		address = strings.TrimPrefix(address, "//")
		if !filepath.IsAbs(address) {
			return fmt.Errorf("%q does not name a socket by its whole path, as in unix:/run/clamav/clamd.ctl", s)
		}
	case "tcp":
		address = strings.TrimPrefix(address, "//")
		host, port, err := net.SplitHostPort(address)
		if n, e := strconv.Atoi(port); err != nil || host == "" || e != nil || n < 1 || n > 65535 {
			return fmt.Errorf("%q does not name a host and a port, as in tcp://localhost:3310", s)
		}
	default:
		return fmt.Errorf("%q is neither tcp://host:port nor unix:/path", s)
	}
	*e = Endpoint{Network: network, Address: address}
	return nil
}

func readBool(s string, b *bool) error {
	switch strings.ToLower(s) {
	case "", "0", "false", "no", "off":
		*b = false
	case "1", "true", "yes", "on":
		*b = true
	default:
		return fmt.Errorf("%q is neither 1 nor 0", s)
	}
	return nil
}

// Log is how much is logged, and in which form.
type Log struct {
	Level slog.Level
	JSON  bool
}

// read takes "debug", "json", or both as "debug,json".
func (l *Log) read(s string) error {
	for _, word := range split(s) {
		switch strings.ToLower(word) {
		case "json", "text":
			l.JSON = strings.EqualFold(word, "json")
		case "debug", "info", "warn", "error":
			if err := l.Level.UnmarshalText([]byte(word)); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%q is none of debug, info, warn, error, text, json", word)
		}
	}
	return nil
}

// Handler writes the log to w.
func (l Log) Handler(w io.Writer) slog.Handler {
	o := &slog.HandlerOptions{Level: l.Level}
	if l.JSON {
		return slog.NewJSONHandler(w, o)
	}
	return slog.NewTextHandler(w, o)
}
