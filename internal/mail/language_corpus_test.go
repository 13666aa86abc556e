package mail

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The set holds none of the other samples, and a quarter of it is shorter than four words. A miss is printed; no language may fall below the promise.
func TestLanguageOfItsSet(t *testing.T) {
	t.Parallel()
	const promise = 95 // percent
	for _, want := range []string{"en", "pl", "de", "other"} {
		b, err := os.ReadFile("testdata/languages/" + want + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		n, right := 0, 0
		for line := range strings.Lines(string(b)) {
			n++
			line = strings.TrimSpace(line)
			if got := Language(line); got == want {
				right++
			} else {
				t.Logf("missed: %q is %s, not %s", line, got, want)
			}
		}
		fmt.Printf("language: %s %d of %d\n", want, right, n)
		if n < 60 || right*100 < promise*n {
			t.Errorf("%s: %d of %d right, want %d percent of at least 60", want, right, n, promise)
		}
	}
}
