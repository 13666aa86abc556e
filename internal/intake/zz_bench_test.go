package intake

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func BenchmarkUnderstand(b *testing.B) {
	var mails [][]byte
	filepath.WalkDir(os.Getenv("SPEED_MAILS"), func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Base(filepath.Dir(p)) == "new" {
			x, _ := os.ReadFile(p)
			mails = append(mails, x)
		}
		return nil
	})
	var head bytes.Buffer
	enc := gob.NewEncoder(&head)
	out := bufio.NewWriter(io.Discard)
	i := 0
	for b.Loop() {
		u := understand(mails[i%len(mails)], false)
		answer(out, enc, &head, u)
		i++
	}
}
