//go:build failpoints

package failpoint

import (
	"fmt"
	"os"
)

func init() {
	if err := Arm(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
