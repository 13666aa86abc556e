package blob

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"os"
)

// Writer is Spool for those who are written to.
type Writer struct {
	dir  string
	sum  hash.Hash
	n    int64
	mem  []byte
	file *os.File
	err  error
}

// NewWriter spools into dir what outgrows memory.
func NewWriter(dir string) *Writer { return &Writer{dir: dir, sum: sha256.New()} }

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (n int, err error) {
	n, err = w.write(p)
	w.err = errors.Join(w.err, err)
	return n, err
}

// Err says why something could not be written: the disk's failure, whatever became of it on its way through who wrote.
func (w *Writer) Err() error { return w.err }

func (w *Writer) write(p []byte) (int, error) {
	if w.file == nil && w.n+int64(len(p)) > inMemory {
		if err := w.toFile(); err != nil {
			return 0, err
		}
	}
	if w.file == nil {
		w.mem = append(w.mem, p...)
	} else if _, err := w.file.Write(p); err != nil {
		return 0, fmt.Errorf("write to the spool file: %w", err)
	}
	w.sum.Write(p)
	w.n += int64(len(p))
	return len(p), nil
}

// toFile moves what is in memory to an unlinked file.
func (w *Writer) toFile() error {
	f, err := os.CreateTemp(w.dir, "spool-*")
	if err != nil {
		return fmt.Errorf("make a spool file: %w", err)
	}
	if err := errors.Join(os.Remove(f.Name()), writeAll(f, w.mem)); err != nil {
		f.Close()
		return fmt.Errorf("fill a spool file: %w", err)
	}
	w.file, w.mem = f, nil
	return nil
}

func writeAll(f *os.File, b []byte) error {
	_, err := f.Write(b)
	return err
}

// Done hands over what was written; the writer is used up.
func (w *Writer) Done() *Spooled {
	s := &Spooled{Size: w.n, memory: w.mem, file: w.file}
	w.sum.Sum(s.SHA256[:0])
	return s
}

// Close throws away what was written.
func (w *Writer) Close() {
	if w.file != nil {
		w.file.Close()
	}
}
