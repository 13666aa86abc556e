package mail

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"

	gomail "github.com/wneessen/go-mail"
)

// splicer keeps files out of memory. go-mail holds the body of each part, as
// base64, until it is whole; so it is given a word nobody can guess for a file,
// and where that comes out, the file is written in its place.
type splicer struct {
	w     io.Writer
	files map[string]File // by their word as it comes out
}

// part is the file for go-mail.
func (s *splicer) part(f File) *gomail.File {
	name := attachedName(f.Name)
	word := make([]byte, 24)
	_, _ = rand.Read(word) // never fails
	if s.files == nil {
		s.files = map[string]File{}
	}
	s.files[base64.StdEncoding.EncodeToString(word)+"\r\n"] = f
	return &gomail.File{Name: name, Header: f.header(name), Writer: func(w io.Writer) (int64, error) {
		n, err := w.Write(word)
		return int64(n), err
	}}
}

// Write implements io.Writer.
func (s *splicer) Write(p []byte) (int, error) {
	f, ok := s.files[string(p)]
	if !ok {
		return s.w.Write(p)
	}
	delete(s.files, string(p))
	return len(p), f.encode(s.w)
}

// missing tells of files whose word did not come out: such a letter must not leave.
func (s *splicer) missing() error {
	if len(s.files) > 0 {
		return errors.New("a file was not written")
	}
	return nil
}

// A line of base64 holds 57 bytes.
const (
	bytesALine = 57
	linesATime = 512
)

// encode writes the file as lines of base64.
func (f File) encode(w io.Writer) error {
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("open attachment %q: %w", f.Name, err)
	}
	defer in.Close()
	raw, lines := make([]byte, bytesALine*linesATime), make([]byte, 0, 78*linesATime)
	for {
		n, err := io.ReadFull(in, raw)
		lines = lines[:0]
		for line := range slices.Chunk(raw[:n], bytesALine) {
			lines = append(base64.StdEncoding.AppendEncode(lines, line), "\r\n"...)
		}
		if _, err := w.Write(lines); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return fmt.Errorf("read attachment %q: %w", f.Name, err)
		}
	}
}
