package intake

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// The parse child reads one request after the other from stdin and answers each on stdout, in frames: eight bytes of length, then the bytes.
// A request is one frame, a byte that says how to take the mail and the raw mail. The answer is one frame with an understood, in one gob stream
// for the child's whole life, and then one frame for the bytes of each attachment, in order.
const (
	asMail  = 'm'
	asPlain = 'p'

	maxRequest = 600 << 20
	maxHead    = 256 << 20
)

// ParseChild is the hidden command parse-child: it parses what comes in until stdin ends. It has no environment, no database, no files. A mail
// that takes longer than the parent would wait ends it from within too, so it never outlives a parent that was killed.
func ParseChild(stdin io.Reader, stdout io.Writer) error {
	// One mail at a time in a small process: one thread, and garbage that waits until there is some.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(maxChildMemory * 3 / 4)
	in, out := bufio.NewReaderSize(stdin, 64<<10), bufio.NewWriterSize(stdout, 64<<10)
	var head bytes.Buffer
	answers := gob.NewEncoder(&head)
	for {
		raw, err := readFrame(in, maxRequest)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(raw) == 0 {
			return errors.New("empty request")
		}
		guard := time.AfterFunc(maxParse+5*time.Second, func() { os.Exit(3) })
		u := understand(raw[1:], raw[0] == asPlain)
		guard.Stop() // how fast the answer is taken is not the mail's fault, and a parent that was killed takes none
		if err := answer(out, answers, &head, u); err != nil {
			return err
		}
	}
}

func answer(out *bufio.Writer, answers *gob.Encoder, head *bytes.Buffer, u understood) error {
	files := make([][]byte, len(u.Mail.Attachments))
	for i := range u.Mail.Attachments {
		files[i], u.Mail.Attachments[i].Data = u.Mail.Attachments[i].Data, nil
	}
	head.Reset()
	if err := answers.Encode(u); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	for _, frame := range append([][]byte{head.Bytes()}, files...) {
		if err := writeFrame(out, frame); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	return out.Flush()
}

func writeFrame(w io.Writer, b []byte) error {
	if err := writeSize(w, int64(len(b))); err != nil {
		return err
	}
	_, err := w.Write(b)
	return err
}

func writeSize(w io.Writer, n int64) error {
	_, err := w.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return err
}

// readSize returns io.EOF only between frames.
func readSize(r io.Reader, limit int64) (int64, error) {
	var b [8]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint64(b[:])
	if n > uint64(limit) {
		return 0, fmt.Errorf("a frame of %d bytes", n)
	}
	return int64(n), nil
}

func readFrame(r io.Reader, limit int64) ([]byte, error) {
	n, err := readSize(r, limit)
	if err != nil {
		return nil, err
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	return b, nil
}
