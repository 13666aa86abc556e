// Package disk gives files their names so that a power cut does not take them away.
package disk

import (
	"os"
	"path/filepath"
)

// Rename gives a file or directory its name, which is on the disk when it returns. What was called so before is replaced, as by os.Rename; what
// stands in the file must be there already.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(to))
}

// SyncDir returns when the names in a directory are on the disk.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
