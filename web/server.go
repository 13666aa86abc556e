// Package web is the desk in the browser: the routes, who may use them, and the pages. A handler parses, calls one verb, shows, and returns
// its error; do (problem.go) answers every error in one place.
package web

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"frontdesk/internal/event"
	"frontdesk/internal/pg"
)

// Options is what the web needs from outside.
type Options struct {
	DB             *pg.DB
	Rings          *event.Broker
	BaseURL        *url.URL       // scheme and host of the address people use; https decides about cookies and HSTS
	SessionKey     []byte         // 32 bytes; authenticates cookies
	MessageIDKey   []byte         // 32 bytes; signs the Message-IDs of replies
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	Version        string         // of the program, shown on the sign-in page
	Gallery        bool           // also answer /gallery: the demo does, a real desk does not
	Log            *slog.Logger   // nil: slog.Default
	Now            func() time.Time
	TempDir        string        // for files that arrive
	Patience       time.Duration // with the database while a page is made; 0 means 10 s
}

// Server answers every request.
type Server struct {
	db      *pg.DB
	log     *slog.Logger
	now     func() time.Time
	base    *url.URL
	proxies []netip.Prefix
	version string
	gallery bool
	cookies cookies
	setUp   string // the token of the set-up page

	messageIDKey []byte
	hub          *hub
	line         chan struct{} // see inLine
	routed       *chi.Mux
	draining     atomic.Bool
	patience     time.Duration
	temp         string
}

// New prepares the answers; live rings begin with Run.
func New(o Options) *Server {
	s := &Server{db: o.DB, log: o.Log, now: o.Now, base: o.BaseURL, proxies: o.TrustedProxies, version: o.Version, gallery: o.Gallery, messageIDKey: o.MessageIDKey, temp: o.TempDir, line: make(chan struct{}, lookers)}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.patience = cmp.Or(o.Patience, makeTime)
	s.cookies = newCookies(o.SessionKey, s.https())
	s.setUp = setUpToken(o.SessionKey)
	s.hub = newHub(o.DB, o.Rings, s.log, s.now)
	s.routed = s.router()
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.routed.ServeHTTP(w, r) }

// Run rings the watching browsers until ctx ends, then closes their streams.
func (s *Server) Run(ctx context.Context) error { return s.hub.run(ctx) }

// Drain makes /readyz refuse and ends the live streams, so that http.Server.Shutdown finds nothing that would not end by itself.
func (s *Server) Drain() {
	s.draining.Store(true)
	s.hub.close()
}

// HTTP is the server to listen with: what has not sent its headers in 10 s is cut. Bodies and answers have their own limits (limits.go).
func (s *Server) HTTP() *http.Server {
	return &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connection{}, c) },
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
}

func (s *Server) https() bool { return s.base.Scheme == "https" }

// insecure tells whether passwords travel in clear beyond this machine; every page says so in red.
func (s *Server) insecure() bool {
	host := s.base.Hostname()
	ip, err := netip.ParseAddr(host)
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
	return !s.https() && !local
}

// address is the visitor's: of the connection, or what trusted proxies say, read from the right until the first that is not trusted.
func (s *Server) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	at, err := netip.ParseAddr(host)
	if err != nil || !s.trusted(at) {
		return host
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(said) - 1; i >= 0; i-- {
		ip, err := netip.ParseAddr(strings.TrimSpace(said[i]))
		if err != nil {
			break
		}
		at = ip.Unmap()
		if !s.trusted(at) {
			break
		}
	}
	return at.String()
}

func (s *Server) trusted(ip netip.Addr) bool {
	for _, p := range s.proxies {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}
