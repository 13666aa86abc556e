package intake_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
)

// parser is the program that tests start as parse child: this one. Under the race detector it is built once more without, for a raced program takes
// a third of a second of the processor to start and waits a second at its end, and a child has nothing to race.
var parser = sync.OnceValues(func() (string, error) {
	if built, _ := debug.ReadBuildInfo(); built == nil || !slices.Contains(built.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return os.Args[0], nil
	}
	dir, err := os.MkdirTemp("", "parser-")
	if err != nil {
		return "", err
	}
	parserDir = dir
	program := filepath.Join(dir, "intake.test")
	if out, err := exec.Command("go", "test", "-c", "-o", program, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the parser: %w\n%s", err, out)
	}
	return program, nil
})

var parserDir string // removed by TestMain
