package pg

import (
	"errors"
	"io"
	"net"
	"strings"
)

// connLost recognises a connection that broke under a statement.
func connLost(err error) bool {
	var n net.Error
	return errors.As(err, &n) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, errSilent) ||
		err != nil && strings.Contains(err.Error(), "conn closed")
}
