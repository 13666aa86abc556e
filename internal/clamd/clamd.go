// Package clamd asks ClamAV's daemon what it finds in a stream of bytes (clamd(8), COMMANDS). It knows nothing of whose bytes they are.
package clamd

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	dialTime  = 5 * time.Second
	writeTime = 30 * time.Second // for each piece: a busy daemon reads slowly, a dead one not at all
	replyTime = 3 * time.Minute  // its own limit of one scan, MaxScanTime, is two minutes
	piece     = 64 << 10
	longest   = 4 << 10 // of a reply
)

// ErrTooLarge says that the bytes are more than the daemon takes: its StreamMaxLength.
var ErrTooLarge = errors.New("larger than clamd takes (StreamMaxLength)")

// ErrSource says that the bytes could not be read to their end: nothing is said of clamd.
var ErrSource = errors.New("read what is to be scanned")

// Client speaks with one daemon; each question has a connection of its own.
type Client struct {
	Network string // tcp, unix
	Address string
}

// Ping tells whether a clamd answers there.
func (c Client) Ping(ctx context.Context) error {
	reply, err := c.ask(ctx, "PING", nil)
	if err == nil && reply != "PONG" {
		err = c.strange(reply)
	}
	return err
}

// Version is what the daemon says of itself and of its signatures: "ClamAV 1.4.3/27800/Thu Oct 22 08:14:11 2026".
func (c Client) Version(ctx context.Context) (string, error) {
	reply, err := c.ask(ctx, "VERSION", nil)
	if err == nil && !strings.HasPrefix(reply, "ClamAV ") {
		err = c.strange(reply)
	}
	return reply, err
}

// Scan streams r and answers the name of what was found in it, "" for nothing. ErrTooLarge when the daemon does not take that
// much, ErrSource when r fails.
func (c Client) Scan(ctx context.Context, r io.Reader) (found string, err error) {
	reply, err := c.ask(ctx, "INSTREAM", r)
	if err != nil {
		return "", err
	}
	verdict, ours := strings.CutPrefix(reply, "stream: ")
	name, bad := strings.CutSuffix(verdict, " FOUND")
	switch {
	case strings.HasPrefix(reply, "INSTREAM size limit exceeded"):
		return "", ErrTooLarge
	case ours && verdict == "OK":
		return "", nil
	case ours && bad && name != "":
		return name, nil
	}
	return "", c.strange(reply)
}

func (c Client) strange(reply string) error {
	return fmt.Errorf("clamd at %s answers %q", c.Address, reply)
}

// ask sends a command, and what it is about, and reads the one reply. ctx ends it at any point.
func (c Client) ask(ctx context.Context, command string, about io.Reader) (string, error) {
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, c.Network, c.Address)
	if err != nil {
		return "", fmt.Errorf("reach clamd: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	sent := send(conn, command, about)
	if errors.Is(sent, ErrSource) {
		return "", sent
	}
	// A daemon that has heard enough says why and hangs up, so its word counts even when writing failed.
	reply, err := receive(conn)
	if err != nil {
		return "", fmt.Errorf("ask clamd: %w", errors.Join(ctx.Err(), sent, err))
	}
	return reply, nil
}

// send writes the command, then the stream in pieces with their length before them, the last one empty.
func send(conn net.Conn, command string, about io.Reader) error {
	if err := write(conn, []byte("z"+command+"\x00")); err != nil || about == nil {
		return err
	}
	buf := make([]byte, 4+piece)
	for {
		n, err := io.ReadFull(about, buf[4:])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: %w", ErrSource, err)
		}
		binary.BigEndian.PutUint32(buf, uint32(n)) //nolint:gosec // at most a piece
		if err := write(conn, buf[:4+n]); err != nil || n == 0 {
			return err
		}
	}
}

func write(conn net.Conn, b []byte) error {
	if err := conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	_, err := conn.Write(b)
	return err
}

func receive(conn net.Conn) (string, error) {
	if err := conn.SetReadDeadline(time.Now().Add(replyTime)); err != nil {
		return "", err
	}
	reply, err := bufio.NewReaderSize(io.LimitReader(conn, longest), longest).ReadString(0)
	if err != nil {
		return "", err
	}
	return strings.ToValidUTF8(strings.TrimRight(reply, "\x00\n"), "?"), nil
}
