package crashtest

import (
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// gate is the network before a database: it lets through, refuses, or swallows.
type gate struct {
	URL string // the database behind it

	socket   string
	listener net.Listener

	mu     sync.Mutex
	how    passage
	pairs  []*pair
	closed bool
}

type passage int

const (
	through passage = iota
	refused         // connections break off at once
	swallow         // nothing comes back any more, for ever on connections that are there now: nobody tells them that it is over
)

// pair is a connection and what it became behind the gate.
type pair struct {
	mu        sync.Mutex
	dead      bool
	near, far net.Conn
}

// before puts a gate before the database at address, which is a socket of a server of pgtest; parameters are added to the URL.
func before(t *testing.T, address, parameters string) *gate {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{listener: l, socket: filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432"),
		URL: "postgres://" + u.Query().Get("user") + "@" + l.Addr().String() + u.Path + "?sslmode=disable&" + parameters}
	go g.accept()
	t.Cleanup(g.close)
	return g
}

// set changes what happens from now on.
func (g *gate) set(how passage) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.how = how
	for _, p := range g.pairs {
		switch how {
		case refused:
			p.close()
		case swallow:
			p.die()
		}
	}
}

func (g *gate) close() {
	g.listener.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for _, p := range g.pairs {
		p.close()
	}
}

func (g *gate) accept() {
	for {
		near, err := g.listener.Accept()
		if err != nil {
			return
		}
		g.admit(near)
	}
}

func (g *gate) admit(near net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.how == refused || g.closed {
		near.Close()
		return
	}
	p := &pair{near: near, dead: g.how == swallow}
	if !p.dead {
		far, err := net.Dial("unix", g.socket)
		if err != nil {
			near.Close()
			return
		}
		p.far = far
		go p.copy(near, far)
		go p.copy(far, near)
	}
	g.pairs = append(g.pairs, p)
}

// copy moves bytes until an end; once the pair is dead neither side hears of the other's.
func (p *pair) copy(to, from net.Conn) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if p.isDead() {
			return
		}
		if _, e := to.Write(b[:n]); e != nil || err != nil {
			p.close()
			return
		}
	}
}

func (p *pair) die() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
}

func (p *pair) isDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

func (p *pair) close() {
	p.near.Close()
	if p.far != nil {
		p.far.Close()
	}
}
