package disk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestANameIsGivenAndTakesThePlaceOfTheOneBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, what := range []string{"first", "second"} {
		if err := errors.Join(os.WriteFile(at("new"), []byte(what), 0o600), Rename(at("new"), at("kept"))); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(at("kept")); err != nil || string(b) != what {
			t.Errorf("%q, %v", b, err)
		}
	}
	for _, err := range []error{Rename(at("missing"), at("kept")), SyncDir(at("missing"))} {
		if !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	}
}
