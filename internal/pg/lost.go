package pg

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// connLost recognises a connection that broke under a statement.
func connLost(err error) bool {
	var n net.Error
	return errors.As(err, &n) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, errSilent) ||
		err != nil && strings.Contains(err.Error(), "conn closed")
}

// shut recognises a connection that the database had shut already, which is told at once; one on which nothing is heard any more is not.
func shut(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "57P01" || slices.ContainsFunc([]error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.EPIPE, syscall.ECONNRESET},
		func(gone error) bool { return errors.Is(err, gone) })
}
