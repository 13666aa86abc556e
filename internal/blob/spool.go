package blob

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
)

// inMemory is how much of a spooled thing is held in memory before it goes to a file.
const inMemory = 1 << 20

// Spooled are bytes that are wholly here, with their size and hash, ready to be put. Close it when done.
type Spooled struct {
	Size   int64
	SHA256 [32]byte

	memory []byte
	file   *os.File // unlinked: gone with the process
}

// Spool reads src to its end: 1 MiB in memory, what is longer in an unlinked file in dir (DATA_DIR/tmp). So a slow network is over before a
// transaction begins, and memory stays bounded however large the mail.
func Spool(dir string, src io.Reader) (*Spooled, error) {
	w := NewWriter(dir)
	if _, err := io.Copy(w, src); err != nil {
		w.Close()
		return nil, fmt.Errorf("spool: %w", err)
	}
	return w.Done(), nil
}

// Bytes are spooled already.
func Bytes(b []byte) *Spooled {
	return &Spooled{Size: int64(len(b)), SHA256: sha256.Sum256(b), memory: b}
}

// Reader reads the bytes from the start; any number of readers may be open.
func (s *Spooled) Reader() *io.SectionReader {
	if s.file != nil {
		return io.NewSectionReader(s.file, 0, s.Size)
	}
	return io.NewSectionReader(bytes.NewReader(s.memory), 0, s.Size)
}

// Close gives the file back.
func (s *Spooled) Close() {
	if s != nil && s.file != nil {
		s.file.Close()
	}
}
